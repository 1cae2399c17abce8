using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SeaGrpc.Cli.Load;

/// <summary>The result of a load, for people and for programs.</summary>
internal static class LoadText
{
    private const int BarWidth = 40;
    private static readonly double[] Shares = [0.5, 0.9, 0.95, 0.99];
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Tables and a histogram.</summary>
    public static string Table(LoadPlan plan, LoadResult result)
    {
        var text = new StringBuilder();
        string rate = plan.Rate is { } each ? string.Create(CultureInfo.InvariantCulture, $", {each} a second") : string.Empty;
        text.Append(
            CultureInfo.InvariantCulture,
            $"calls       {result.Calls} in {result.Elapsed.TotalSeconds:0.0} s, at most {plan.Concurrency} at once{rate}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"answers     {result.Final.Count}, {result.Final.Count / result.Elapsed.TotalSeconds:0.00} a second, {result.Iterations} "
                + $"iterations\n");
        if (plan.Deadline is { } deadline)
        {
            double share = 100.0 * result.Final.Count / Math.Max(1, result.Admitted);
            text.Append(
                CultureInfo.InvariantCulture,
                $"admitted    {result.Admitted}, of which {result.Final.Count} ({share:0.0} %) had their answer "
                    + $"{deadline.TotalSeconds:0.###} s\n");
        }

        Counts(text, "ended", result.StopReasons);
        Counts(text, "failed", result.Failures);
        IEnumerable<string> quantiles = Shares.Select(share => $"p{(share * 100).ToString(CultureInfo.InvariantCulture)}".PadLeft(10));
        text.Append(CultureInfo.InvariantCulture, $"\n{"ms",-12}{"mean",10}{string.Concat(quantiles)}{"max",10}\n");
        Row(text, "first event", result.FirstEvent);
        Row(text, "answer", result.Final);
        text.Append("\nanswers by time\n");
        IReadOnlyList<(TimeSpan Until, long Count)> bars = result.Final.Bars();
        long most = bars.Select(bar => bar.Count).DefaultIfEmpty(1).Max();
        foreach ((TimeSpan until, long count) in bars)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{"< " + Milliseconds(until),12} ms {count,7} {new string('#', (int)(BarWidth * count / most))}\n");
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>One JSON object; times in milliseconds.</summary>
    public static string Json(LoadPlan plan, LoadResult result) =>
        JsonSerializer.Serialize(
            new
            {
                plan.Concurrency,
                plan.Rate,
                DurationSeconds = plan.Duration.TotalSeconds,
                DeadlineSeconds = plan.Deadline?.TotalSeconds,
                ElapsedSeconds = result.Elapsed.TotalSeconds,
                result.Calls,
                result.Admitted,
                Answers = result.Final.Count,
                AnswersPerSecond = result.Final.Count / result.Elapsed.TotalSeconds,
                result.Iterations,
                result.StopReasons,
                result.Failures,
                FirstEventMs = Quantiles(result.FirstEvent),
                AnswerMs = Quantiles(result.Final),
                Histogram = result.Final.Bars().Select(bar => new { UntilMs = bar.Until.TotalMilliseconds, bar.Count }),
            },
            Indented
        );

    private static Dictionary<string, double> Quantiles(LatencyHistogram histogram) =>
        new(
            Shares.Select(share =>
                KeyValuePair.Create($"p{(share * 100).ToString(CultureInfo.InvariantCulture)}", histogram.Quantile(share).TotalMilliseconds)
            )
        )
        {
            ["mean"] = histogram.Mean.TotalMilliseconds,
            ["max"] = histogram.Max.TotalMilliseconds,
        };

    private static void Counts(StringBuilder text, string name, SortedDictionary<string, int> counts)
    {
        foreach ((string what, int count) in counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name,-12}{count} {what}\n");
        }
    }

    private static void Row(StringBuilder text, string name, LatencyHistogram histogram)
    {
        IEnumerable<TimeSpan> times = [histogram.Mean, .. Shares.Select(histogram.Quantile), histogram.Max];
        text.Append(CultureInfo.InvariantCulture, $"{name,-12}{string.Concat(times.Select(time => $"{Milliseconds(time),10}"))}\n");
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}
