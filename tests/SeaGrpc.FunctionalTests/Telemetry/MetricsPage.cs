using System.Text.RegularExpressions;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>A page of metrics in Prometheus' text form.</summary>
internal sealed partial class MetricsPage
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    /// <summary>Reads a page.</summary>
    public MetricsPage(string text)
    {
        Text = text;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                Types.Add(words[2], words[3]);
            }
            else if (!line.StartsWith('#'))
            {
                Match sample = Sample().Match(line);
                Assert.True(sample.Success, line);
                _samples.Add((
                    sample.Groups[1].Value,
                    Label().Matches(sample.Groups[2].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
                    double.Parse(sample.Groups[3].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal))));
            }
        }
    }

    public string Text { get; }

    /// <summary>The type of each metric.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary>The sum of a sample's values over all label sets that have these labels.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) => _samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value))
        .Sum(sample => sample.Value);

    /// <summary>The labels of a metric, without the bound of a histogram's buckets.</summary>
    public IEnumerable<string> Labels(string metric) => _samples
        .Where(sample => sample.Name == metric
            || (Types[metric] == "histogram" && sample.Name is var name
                && (name == $"{metric}_bucket" || name == $"{metric}_sum" || name == $"{metric}_count")))
        .SelectMany(sample => sample.Labels.Keys)
        .Where(label => label != "le")
        .Distinct();

    [GeneratedRegex(@"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$")]
    private static partial Regex Sample();

    [GeneratedRegex("""(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)""")]
    private static partial Regex Label();
}
