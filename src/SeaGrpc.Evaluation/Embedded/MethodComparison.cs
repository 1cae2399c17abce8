using SeaGrpc.Evaluation.Metrics;

namespace SeaGrpc.Evaluation.Embedded;

/// <summary>SEA against the best of the others, on the same prompts and seeds.</summary>
/// <param name="Method">The SEA entry with the lowest harmful rate.</param>
/// <param name="SecondBest">The baseline with the lowest harmful rate; among equals the one that meets most requirements.</param>
/// <param name="Reduction">1 - SEA's harmful rate / the second best's; paired bootstrap.</param>
/// <param name="AllGoodGain">SEA's all-good rate less the second best's; paired bootstrap.</param>
/// <param name="TokenRatio">SEA's token positions through both models over the second best's.</param>
/// <param name="SecondRatio">SEA's seconds over the second best's.</param>
public sealed record MethodComparison(
    string Method, string SecondBest, Interval Reduction, Interval AllGoodGain, double TokenRatio, double SecondRatio)
{
    /// <summary>Compares, where there are both kinds of method.</summary>
    /// <param name="summaries">The methods.</param>
    /// <param name="answers">Each one's answers, by name.</param>
    internal static MethodComparison? Of(IReadOnlyList<MethodSummary> summaries, IReadOnlyDictionary<string, IReadOnlyList<AnswerRecord>> answers)
    {
        if (Best(summaries, MethodGroup.Sea) is not { } sea || Best(summaries, MethodGroup.Baseline) is not { } other)
        {
            return null;
        }

        return new MethodComparison(
            sea.Name,
            other.Name,
            Pair(answer => answer.Assessment.Harmful, (mine, theirs) => 1 - mine / theirs),
            Pair(answer => answer.Assessment.AllGood, (mine, theirs) => mine - theirs),
            sea.Cost.Tokens / other.Cost.Tokens,
            sea.Cost.Seconds / other.Cost.Seconds);

        Interval Pair(Func<AnswerRecord, bool> holds, Func<double, double, double> figure) => Bootstrap.Paired(
            MethodFigures.PerPrompt(answers[sea.Name], answer => MethodFigures.Share(holds(answer))),
            MethodFigures.PerPrompt(answers[other.Name], answer => MethodFigures.Share(holds(answer))),
            figure);
    }

    private static MethodSummary? Best(IReadOnlyList<MethodSummary> summaries, MethodGroup group) => summaries
        .Where(summary => summary.Group == group)
        .OrderBy(summary => summary.Harmful.Mean)
        .ThenByDescending(summary => summary.Met.Mean)
        .FirstOrDefault();
}
