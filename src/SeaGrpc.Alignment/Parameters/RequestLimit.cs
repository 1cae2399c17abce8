namespace SeaGrpc.Alignment.Parameters;

/// <summary>
/// A limit that the server's operator sets on a parameter, by its name in the server's options and in the contract's ServerLimits.
/// </summary>
public enum RequestLimit
{
    /// <summary>None.</summary>
    None,

    /// <summary>Maximum number of chains.</summary>
    MaxChains,

    /// <summary>Maximum number of iterations.</summary>
    MaxIterations,

    /// <summary>Maximum number of samples, candidates or parallel rows.</summary>
    MaxSamples,
}
