namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>A kind of move from one response to a better one, and what it has brought.</summary>
internal sealed class MoveKind
{
    private double _gain = double.PositiveInfinity;

    /// <summary>What its last iteration lowered the energy by, in nats per model token; unbounded before the first.</summary>
    public double Gain => _gain;

    /// <summary>Iterations since it last lowered the energy.</summary>
    public int Failures { get; private set; }

    /// <summary>Notes an iteration.</summary>
    /// <param name="lowered">What it lowered the energy by, in nats; 0 where it did not.</param>
    /// <param name="tokens">Model tokens that it read.</param>
    public void Note(double lowered, long tokens)
    {
        _gain = lowered / Math.Max(1, tokens);
        Failures = lowered > 0 ? 0 : Failures + 1;
    }
}
