namespace SeaGrpc.Bench.Prefixes;

/// <summary>What was measured; seconds are medians, ratios are medians of the ratios within one turn.</summary>
/// <param name="Candidates">One-token candidates of several beams.</param>
/// <param name="Rewrites">Rewrites of one response.</param>
/// <param name="Memory">That of a whole search, where it was asked for.</param>
/// <param name="Jobs">Alignments of one prompt, from samples and from a draft.</param>
internal sealed record PrefixesFigures(
    CandidateFigures Candidates, RewriteFigures Rewrites, SearchMemory? Memory, IReadOnlyList<JobsFigures> Jobs);

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

/// <summary>Alignments of one prompt with different seeds. Their answers are the same in all three ways.</summary>
/// <param name="FromDraft">Whether they start from the same draft and two other responses.</param>
/// <param name="Positions">Positions that they need together, of both models.</param>
/// <param name="ReadAlone">Positions that are read if each keeps what it reads but has ended before the next.</param>
/// <param name="ReadTogether">Positions that are read if all run at once.</param>
/// <param name="KeptBytes">Most memory of what is kept for the others.</param>
/// <param name="ApartSeconds">One after another, nothing kept.</param>
/// <param name="KeepingSeconds">One after another, each keeping what it reads.</param>
/// <param name="TogetherSeconds">In turns.</param>
/// <param name="KeepingFaster">The first against the second.</param>
/// <param name="TogetherFaster">The first against the third.</param>
internal sealed record JobsFigures(
    bool FromDraft, long Positions, long ReadAlone, long ReadTogether, long KeptBytes, double ApartSeconds, double KeepingSeconds,
    double TogetherSeconds, double KeepingFaster, double TogetherFaster);
