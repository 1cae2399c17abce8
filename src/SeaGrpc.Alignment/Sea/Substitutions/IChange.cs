using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>A change of one chain's response.</summary>
internal interface IChange
{
    /// <summary>The chain.</summary>
    int Chain { get; }

    /// <summary>First position that changes.</summary>
    int Start { get; }

    /// <summary>Change in log pi_ref, as far as it is known without reading the response, in nats.</summary>
    double LogProbabilityChange { get; }

    /// <summary>The chain's ids after the change, including EOS and what follows it.</summary>
    /// <param name="rows">The chains' responses.</param>
    long[] Applied(HardResponses rows);
}
