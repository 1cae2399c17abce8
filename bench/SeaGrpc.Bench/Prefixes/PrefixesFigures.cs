namespace SeaGrpc.Bench.Prefixes;

/// <summary>What was measured; seconds are medians, ratios are medians of the ratios within one turn.</summary>
/// <param name="Candidates">One-token candidates of several beams.</param>
/// <param name="Rewrites">Rewrites of one response.</param>
/// <param name="Memory">That of a whole search, where it was asked for.</param>
internal sealed record PrefixesFigures(CandidateFigures Candidates, RewriteFigures Rewrites, SearchMemory? Memory);

/// <summary>Candidates of one token, read by the reward model with the tail.</summary>
/// <param name="Positions">Token positions that are read.</param>
/// <param name="Seconds">Read from their beams, which are not copied.</param>
/// <param name="CopiedSeconds">Each read after a copy of its beam.</param>
/// <param name="ProductsSeconds">The matrix products of as many positions alone.</param>
/// <param name="ProjectionsSeconds">Those of them that have a matrix of weights.</param>
/// <param name="OverProducts">The first against the products.</param>
/// <param name="OverProjections">The first against the projections.</param>
/// <param name="CopiedOverProducts">The second against the products.</param>
internal sealed record CandidateFigures(
    int Positions, double Seconds, double CopiedSeconds, double ProductsSeconds, double ProjectionsSeconds, double OverProducts,
    double OverProjections, double CopiedOverProducts);

/// <summary>Rewrites, read by the reward model.</summary>
/// <param name="Positions">Token positions that are read from the cuts on, tails included.</param>
/// <param name="Seconds">Read from their cuts on, together.</param>
/// <param name="AfterPromptSeconds">Whole responses after the prompt that is kept, together.</param>
/// <param name="SeparateSeconds">Prompt and response, one after another.</param>
/// <param name="FasterThanAfterPrompt">The second against the first.</param>
/// <param name="FasterThanSeparate">The third against the first.</param>
/// <param name="LargestDifference">Between the rewards of the first and of the third, over the spread of these.</param>
internal sealed record RewriteFigures(
    int Positions, double Seconds, double AfterPromptSeconds, double SeparateSeconds, double FasterThanAfterPrompt,
    double FasterThanSeparate, double LargestDifference);
