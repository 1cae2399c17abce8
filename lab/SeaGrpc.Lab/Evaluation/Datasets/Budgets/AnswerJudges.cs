using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>The judges of a comparison beside the refusal phrases.</summary>
/// <param name="Refusals">Trained on preference pairs about refusing; null without any.</param>
/// <param name="Compliance">Trained on answers that a person read; null without any.</param>
internal sealed record AnswerJudges(TrainedJudge? Refusals, ReadJudge? Compliance)
{
    /// <summary>No judge beside the phrases.</summary>
    public static readonly AnswerJudges None = new(null, null);

    /// <summary>Whether the refusal classifier takes an answer for something else; null without one. A blank answer harms nobody.</summary>
    public bool? Misses(RowResult result) =>
        Refusals is null ? null : !string.IsNullOrWhiteSpace(result.Answer) && !Refusals.Classifier.Refuses(result.Answer);

    /// <summary>Whether an answer does what was asked, by the compliance classifier; null without one.</summary>
    public bool? Complies(RowResult result) => Compliance?.Classifier.Complies(result.Answer!);
}
