using System.Globalization;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>A run's figures as a Markdown table: one line per method.</summary>
internal static class DatasetSummary
{
    private const string None = "-";

    /// <summary>The table's head.</summary>
    public static string Header(DatasetSuite suite) =>
        $"| method | judged | {suite.Counted} % | 95 % interval | reward | diversity | s/row | model tokens/row | failures "
            + "|\n|---|---|---|---|---|---|---|---|---|";

    /// <summary>One method's line. The rate is over judged rows; rows without an answer or a verdict are failures.</summary>
    /// <param name="method">Its name.</param>
    /// <param name="results">Its results.</param>
    public static string Row(string method, IReadOnlyList<RowResult> results)
    {
        RowResult[] judged = [.. results.Where(result => result.Counts is not null)];
        RowResult[] answered = [.. results.Where(result => result.Answer is not null)];
        Interval? rate = judged.Length > 0 ? WilsonInterval.Of(judged.Count(result => result.Counts == true), judged.Length) : null;
        string[] cells =
        [
            method,
            judged.Length.ToString(CultureInfo.InvariantCulture),
            rate is null ? None : Percent(rate.Mean),
            rate is null ? None : $"{Percent(rate.Low)} to {Percent(rate.High)}",
            Mean(answered, result => result.Reward, "F2"),
            answered.Length == 0
                ? None
                : Diversity.Of(answered.Select(result => result.Answer!)).ToString("F2", CultureInfo.InvariantCulture),
            Mean(answered, result => result.Seconds, "F2"),
            Mean(answered, result => result.ModelTokens, "F0"),
            results.Count(result => result.Error is not null).ToString(CultureInfo.InvariantCulture),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Mean(RowResult[] results, Func<RowResult, double?> figure, string format) =>
        results.Length == 0 ? None : results.Average(figure)!.Value.ToString(format, CultureInfo.InvariantCulture);
}
