using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>The tables of docs/operations.md.</summary>
internal static class MetricsTable
{
    /// <summary>The metrics: name, type and labels.</summary>
    public static IReadOnlyDictionary<string, (string Type, string[] Labels)> Metrics { get; } = Rows("## Metrics").ToDictionary(
        row => row[0].Trim('`'),
        row => (row[1], row[2].Split([",", " and "], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(label => label.StartsWith('`')).Select(label => label.Trim('`')).ToArray()));

    /// <summary>The names of the alerts.</summary>
    public static IReadOnlyList<string> Alerts { get; } = [.. Rows("## Alerts").Select(row => row[0].Trim('`'))];

    /// <summary>The names of series that a query may use.</summary>
    public static IReadOnlySet<string> Series { get; } = Metrics
        .SelectMany(metric => metric.Value.Type == "histogram"
            ? ((string[])["_bucket", "_sum", "_count"]).Select(suffix => metric.Key + suffix)
            : [metric.Key])
        .Append("up")
        .ToHashSet();

    private static IEnumerable<string[]> Rows(string section) => File.ReadLines(Path.Combine(Repository.Root, "docs", "operations.md"))
        .SkipWhile(line => line != section)
        .Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));
}
