namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Method <c>energy_search</c>: prefixes are read exactly, wide and early, by the energy that they would have if they ended there; the best response is then
/// rewritten from cuts on.
/// </summary>
public sealed record EnergySearchParameters : MethodParameters
{
    /// <summary>The defaults; the sampling temperature is 0.7.</summary>
    public EnergySearchParameters() => SamplingTemperature = 0.7;

    /// <summary>Beams W that survive a step; at least 1.</summary>
    public int BeamWidth { get; init; } = 4;

    /// <summary>Next tokens K of every beam that are read exactly, the policy's likeliest; at least 1.</summary>
    public int Candidates { get; init; } = 16;

    /// <summary>Tokens D that are chosen one by one among all candidates, before chunks are sampled; at least 0.</summary>
    public int EnumeratedTokens { get; init; } = 6;

    /// <summary>Length L of a sampled chunk in tokens; at least 1.</summary>
    public int ChunkTokens { get; init; } = 6;

    /// <summary>Chunks K2 sampled of every beam; at least 1.</summary>
    public int SamplesPerBeam { get; init; } = 4;

    /// <summary>Sample chunks among the policy's k likeliest tokens; 0 is all.</summary>
    public int TopK { get; init; } = 50;

    /// <summary>
    /// How far a prefix's energy may lie above the best response's for its beam to go on, in nats: what follows a prefix costs log-probability, so that
    /// it can only be made up for by reward. At least 0.
    /// </summary>
    public double PruneMargin { get; init; } = 10;

    /// <summary>Rewrites that are tried side by side; at least 1.</summary>
    public int Rewrites { get; init; } = 4;

    /// <summary>Beams of a rewrite.</summary>
    public int RewriteBeamWidth { get; init; } = 2;

    /// <summary>Next tokens of a rewrite's beams that are read exactly.</summary>
    public int RewriteCandidates { get; init; } = 16;

    /// <summary>Tokens of a rewrite that are chosen one by one.</summary>
    public int RewriteEnumeratedTokens { get; init; } = 3;

    /// <summary>Rounds of rewrites; 0 is none.</summary>
    public int Iterations { get; init; } = 30;

    /// <summary>Model tokens after which nothing new is begun; 0 is no bound.</summary>
    public int BudgetTokens { get; init; } = 5000;

    /// <summary>Stop when this many rounds of rewrites have not lowered the energy; 0 is never.</summary>
    public int PlateauIterations { get; init; } = 8;

    /// <summary>Smallest improvement of the energy that counts, in nats; at least 0.</summary>
    public double PlateauTolerance { get; init; } = 0.01;
}
