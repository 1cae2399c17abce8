using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.Args;

/// <summary>Method <c>args</c>: reward-guided search, one token at a time (ARGS, arXiv 2402.01694).</summary>
public sealed record ArgsParameters : MethodParameters
{
    [Parameter("Candidates k for each next token, the policy's likeliest.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int Candidates { get; init; } = 10;

    [Parameter("Weight w of the reward against the candidate's logit.", Unit = "logits per reward unit", AtLeast = 0)]
    public double GuidanceWeight { get; init; } = 1;

    [Parameter("Take the best-scored candidate (true) or sample among them at temperature (false).")]
    public bool Greedy { get; init; } = true;

    /// <remarks>A candidate is drawn from softmax(score / temperature).</remarks>
    [Parameter("Temperature at which a candidate is sampled where greedy is false.", Above = 0)]
    [OnlyWith(nameof(Greedy), false)]
    public double Temperature { get; init; } = 0.7;

    [Parameter("How a response that has not ended is scored.")]
    public ArgsPrefixScoring PrefixScoring { get; init; } = ArgsPrefixScoring.EosAppended;

    [Parameter(
        "Draw a sample of the policy as the draft where the spec has none; it competes with the search's answer. Without one the draft is "
        + "the response prefix alone, and competes with nothing.")]
    public bool SampleDraft { get; init; } = true;

    /// <summary>One beam, every token of which is chosen by logit + w reward.</summary>
    /// <remarks>
    /// Deviations from the public code: the search stops at EOS (the original never does); a prefix is scored as if it ended there unless
    /// asked otherwise (the original reads its last token); tokens that a response must not hold are no candidates; there is a
    /// draft, which can be left out.
    /// </remarks>
    internal SearchPlan Plan(AlignmentTask task) => new(
        new SearchShape
        {
            BeamWidth = 1,
            Candidates = Candidates,
            EnumeratedTokens = int.MaxValue,
            Scoring = PrefixScoring == ArgsPrefixScoring.Raw ? BeamPrefixScoring.Raw : BeamPrefixScoring.EosAppended,
            LocalWeight = GuidanceWeight,
            DrawTemperature = Greedy ? null : Temperature,
            EndsStay = true,
        },
        task.MaxResponseTokens - task.ResponsePrefix.Count)
    {
        SampleDraft = SampleDraft,
        OnlyChosen = true,
    };
}
