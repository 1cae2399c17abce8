namespace SeaGrpc.Alignment.Policies;

/// <summary>What the policy says of the next token of beams.</summary>
internal abstract class BeamOutlook : IDisposable
{
    /// <summary>
    /// log pi_ref of the end after each beam, in nats; -infinity where the policy does not tell it because it is not among the likeliest
    /// tokens.
    /// </summary>
    public abstract float[] Ends();

    /// <summary>The likeliest tokens of every beam, likeliest first, of those that a response may contain.</summary>
    /// <param name="count">How many for each beam.</param>
    /// <param name="withEnds">Whether the end is one of them.</param>
    public abstract NextToken[] Likeliest(int count, bool withEnds);

    /// <summary>What it says of some of the beams, each as often as it is listed.</summary>
    /// <param name="beams">The beams; -1 for one of which nothing has been told.</param>
    public abstract BeamOutlook Of(IReadOnlyList<int> beams);

    /// <summary>The same, to live beyond the caller's scope until it is disposed.</summary>
    public abstract BeamOutlook Keep();

    public abstract void Dispose();
}
