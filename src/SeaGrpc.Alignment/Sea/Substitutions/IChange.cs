using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>A change of one chain's response.</summary>
internal interface IChange
{
    /// <summary>The chain.</summary>
    int Chain { get; }

    /// <summary>First position that changes.</summary>
    int Start { get; }

    /// <summary>What it adds to log pi_ref, as far as that is known without reading it, in nats.</summary>
    double LogProbabilityChange { get; }

    /// <summary>The chain's ids as they are then, EOS and what follows it included.</summary>
    /// <param name="rows">The chains' responses.</param>
    long[] Applied(HardResponses rows);
}
