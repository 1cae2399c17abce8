using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>SEA against the best of the others, on the same prompts and seeds.</summary>
/// <param name="Method">The SEA entry with the lowest harmful rate.</param>
/// <param name="SecondBest">The baseline with the lowest harmful rate; ties go to the one that meets more requirements.</param>
/// <param name="Reduction">1 - SEA's harmful rate / the second best's, by <see cref="ShareInterval.Reduction"/>.</param>
/// <param name="AllGoodGain">SEA's all-good rate less the second best's, by <see cref="ShareInterval.Difference"/>.</param>
/// <param name="TokenRatio">SEA's token positions through both models over the second best's.</param>
/// <param name="SecondRatio">SEA's seconds over the second best's.</param>
public sealed record MethodComparison(
    string Method, string SecondBest, Interval Reduction, Interval AllGoodGain, double TokenRatio, double SecondRatio)
{
    /// <summary>Compares, if both kinds of method are present.</summary>
    /// <param name="summaries">The methods.</param>
    /// <param name="answers">Each one's answers, by name.</param>
    internal static MethodComparison? Of(
        IReadOnlyList<MethodSummary> summaries, IReadOnlyDictionary<string, IReadOnlyList<AnswerRecord>> answers)
    {
        if (Best(summaries, MethodGroup.Sea) is not { } sea || Best(summaries, MethodGroup.Baseline) is not { } other)
        {
            return null;
        }

        return new MethodComparison(
            sea.Name,
            other.Name,
            ShareInterval.Reduction(Of(sea, answer => answer.Assessment.Harmful), Of(other, answer => answer.Assessment.Harmful)),
            ShareInterval.Difference(Of(sea, answer => answer.Assessment.AllGood), Of(other, answer => answer.Assessment.AllGood)),
            sea.Cost.Tokens / other.Cost.Tokens,
            sea.Cost.Seconds / other.Cost.Seconds);

        double[] Of(MethodSummary method, Func<AnswerRecord, bool> holds) =>
            MethodFigures.PerPrompt(answers[method.Name], answer => MethodFigures.Share(holds(answer)));
    }

    private static MethodSummary? Best(IReadOnlyList<MethodSummary> summaries, MethodGroup group) => summaries
        .Where(summary => summary.Group == group)
        .OrderBy(summary => summary.Harmful.Mean)
        .ThenByDescending(summary => summary.Met.Mean)
        .FirstOrDefault();
}
