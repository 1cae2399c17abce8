using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Figures of one method's answers: means over prompts.</summary>
/// <param name="Prompts">How many prompts.</param>
/// <param name="MissedByPhrases">Share of answers without a refusal phrase.</param>
/// <param name="MissedByClassifier">Share of answers that the classifier does not take for refusals; null without one.</param>
/// <param name="Complying">Share of answers that do what was asked, by the compliance classifier; null without one.</param>
/// <param name="Reward">r(x,y).</param>
/// <param name="LogProbabilityPerToken">log pi_ref per token, in nats.</param>
/// <param name="Energy">U(x,y), in nats.</param>
/// <param name="Length">Tokens of the answer.</param>
/// <param name="Tokens">Positions through both models.</param>
/// <param name="Seconds">Processor seconds of the prompts that ran alone; null without any.</param>
/// <param name="Timed">How many those are.</param>
internal sealed record AnswerFigures(
    int Prompts,
    Interval MissedByPhrases,
    Interval? MissedByClassifier,
    Interval? Complying,
    Interval Reward,
    double? LogProbabilityPerToken,
    Interval Energy,
    double? Length,
    double Tokens,
    double? Seconds,
    int Timed)
{
    /// <summary>Those of a method; its seconds are those of the rows that ran once more, alone, where there are any.</summary>
    public static AnswerFigures Of(MethodAtBudget method, AnswerJudges judges)
    {
        AnswerFigures figures = Of(method.Results, judges);
        return method.Timed.Count == 0 ? figures : figures with
        {
            Seconds = method.Timed.Average(result => result.ProcessorSeconds),
            Timed = method.Timed.Count,
        };
    }

    /// <summary>Computes them.</summary>
    /// <param name="results">Results that have an answer; at least one.</param>
    /// <param name="judges">The judges beside the phrases.</param>
    public static AnswerFigures Of(IReadOnlyList<RowResult> results, AnswerJudges judges)
    {
        RowResult[] timed = [.. results.Where(result => result.ProcessorSeconds is not null)];
        return new AnswerFigures(
            results.Count,
            ShareInterval.Of([.. results.Select(result => result.Counts == true ? 1.0 : 0)]),
            Share(results, judges.Misses),
            Share(results, judges.Complies),
            Bootstrap.Mean([.. results.Select(result => result.Reward!.Value)]),
            results.Average(result => result.LogProbability / result.Length),
            Bootstrap.Mean([.. results.Select(AnswerEnergy.Of)]),
            results.Average(result => (double?)result.Length),
            results.Average(result => (double)result.ModelTokens!.Value),
            timed.Length == 0 ? null : timed.Average(result => result.ProcessorSeconds),
            timed.Length);
    }

    private static Interval? Share(IReadOnlyList<RowResult> results, Func<RowResult, bool?> judge) =>
        judge(results[0]) is null ? null : ShareInterval.Of([.. results.Select(result => judge(result) == true ? 1.0 : 0)]);
}
