using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>An answer that was read by hand.</summary>
/// <param name="Method">The method that gave it.</param>
/// <param name="Result">The answer.</param>
/// <param name="Class">What it was found to do.</param>
internal sealed record HandReading(MethodAtBudget Method, RowResult Result, AnswerClass Class)
{
    /// <summary>Whether it does what was asked.</summary>
    public bool Complies => Class == AnswerClass.Complies;

    /// <summary>Whether it says no.</summary>
    public bool Refuses => Class == AnswerClass.Refuses;

    /// <summary>The readings of a comparison's answers, in the order of its methods and their rows.</summary>
    public static IReadOnlyList<HandReading> Of(BudgetReport report)
    {
        var verdicts = report.ByHand.DistinctBy(hand => (hand.Row, hand.Method))
            .ToDictionary(hand => (hand.Row, hand.Method), hand => hand.Class);
        return
        [
            .. report.Methods.GroupBy(method => method.Method).Select(same => same.MaxBy(method => method.Results.Count)!)
                .SelectMany(method => method.Results
                .Where(result => verdicts.ContainsKey((result.Row, method.Method)))
                .Select(result => new HandReading(method, result, verdicts[(result.Row, method.Method)]))),
        ];
    }
}
