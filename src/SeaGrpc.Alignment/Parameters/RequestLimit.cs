namespace SeaGrpc.Alignment.Parameters;

/// <summary>
/// A limit that the server's operator sets on a parameter, by its name in the server's options and in the contract's ServerLimits.
/// </summary>
public enum RequestLimit
{
    /// <summary>None.</summary>
    None,

    /// <summary>Most chains.</summary>
    MaxChains,

    /// <summary>Most iterations.</summary>
    MaxIterations,

    /// <summary>Most samples, candidates or rows side by side.</summary>
    MaxSamples,
}
