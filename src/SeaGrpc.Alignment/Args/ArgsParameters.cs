using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.Args;

/// <summary>Method <c>args</c>: reward-guided search, one token at a time (ARGS, arXiv 2402.01694).</summary>
public sealed record ArgsParameters : DraftedParameters
{
    [Parameter("Number k of candidates per token: the policy's most likely next tokens.", AtLeast = 1, Limit = RequestLimit.MaxSamples)]
    public int Candidates { get; init; } = 10;

    [Parameter("Weight w of the reward relative to the candidate's logit.", Unit = "logits per reward unit", AtLeast = 0)]
    public double GuidanceWeight { get; init; } = 1;

    [Parameter("Take the candidate with the best score (true) or sample among the candidates at temperature (false).")]
    public bool Greedy { get; init; } = true;

    /// <remarks>A candidate is drawn from softmax(score / temperature).</remarks>
    [Parameter("Temperature at which a candidate is sampled if greedy is false.", Above = 0)]
    [OnlyWith(nameof(Greedy), false)]
    public double Temperature { get; init; } = 0.7;

    [Parameter("How an unfinished response is scored.")]
    public ArgsPrefixScoring PrefixScoring { get; init; } = ArgsPrefixScoring.EosAppended;

    [Parameter(
        "Whether to sample a draft from the policy if the spec has none. It competes with the result of the search. If false, the "
        + "draft is only the response prefix, which does not compete.")]
    public bool SampleDraft { get; init; } = true;

    /// <summary>One beam, whose tokens are chosen by logit + w reward.</summary>
    /// <remarks>
    /// Deviations from the published code: the search stops at EOS (the original never does). By default a prefix is scored as if it ended
    /// there (the original reads its last token). Tokens that a response must not contain are not candidates. There is a draft, which can
    /// be turned off.
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
