namespace SeaGrpc.Bench.Shared;

/// <summary>How a pair with common layers is loaded.</summary>
internal enum SharedSide
{
    /// <summary>As two models that have nothing in common.</summary>
    Separate,

    /// <summary>As models that store and compute once what they have in common.</summary>
    Shared,
}
