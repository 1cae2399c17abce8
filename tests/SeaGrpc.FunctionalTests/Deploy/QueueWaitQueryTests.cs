using System.Text.Json;
using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests.Deploy;

/// <summary>By what pods are added and removed: the queries of the chart and of its page, evaluated by Prometheus' own promtool.</summary>
public sealed partial class QueueWaitQueryTests
{
    /// <summary>Two pods that are busy and one that is idle, of this release, and one of another.</summary>
    private static readonly (string Pod, string Sum, string Count)[] Series =
    [
        ("test-seagrpc-a", "0+30x20", "0+60x20"),
        ("test-seagrpc-b", "0+90x20", "0+60x20"),
        ("test-seagrpc-idle", "5+0x20", "9+0x20"),
        ("other-c", "0+6000x20", "0+60x20"),
    ];

    [Fact]
    public async Task Keda_sees_the_mean_wait_of_all_pods_and_none_where_there_are_no_calls()
    {
        Manifests rendered = await Helm.TemplateAsync("autoscaling: {kind: keda, prometheus: \"http://prometheus:9090\"}");
        string query = (string)rendered.Single("ScaledObject")["spec"]!["triggers"]![0]!["metadata"]!["query"]!;

        await AssertAsync(query, Series, ("{}", 1));
        await AssertAsync(query, Series[2..], ("{}", 0));
        await AssertAsync(query, [], ("{}", 0));
    }

    [Fact]
    public async Task The_metrics_adapter_sees_each_pods_own()
    {
        string page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "kubernetes.md"));
        Match rule = AdapterRule().Match(page);
        Assert.True(rule.Success);
        Manifests rendered = await Helm.TemplateAsync("autoscaling: {kind: hpa}");
        Assert.Equal(
            rule.Groups["name"].Value,
            (string)rendered.Single("HorizontalPodAutoscaler")["spec"]!["metrics"]![0]!["pods"]!["metric"]!["name"]!);
        string query = rule.Groups["query"].Value
            .Replace("<<.LabelMatchers>>", "namespace=\"models\",pod=~\"test-seagrpc-a|test-seagrpc-idle\"", StringComparison.Ordinal)
            .Replace("<<.GroupBy>>", "pod", StringComparison.Ordinal);

        await AssertAsync(query, Series, ("{pod=\"test-seagrpc-a\"}", 0.5), ("{pod=\"test-seagrpc-idle\"}", 0));
    }

    private static async Task AssertAsync(
        string query, (string Pod, string Sum, string Count)[] series, params (string Labels, double Value)[] expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("test.yml");
        // JSON is YAML.
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            rule_files = Array.Empty<string>(),
            tests = new[]
            {
                new
                {
                    interval = "1m",
                    input_series = series.SelectMany(each => new[]
                    {
                        new { series = $"seagrpc_queue_wait_seconds_sum{Labels(each.Pod)}", values = each.Sum },
                        new { series = $"seagrpc_queue_wait_seconds_count{Labels(each.Pod)}", values = each.Count },
                    }),
                    promql_expr_test = new[]
                    {
                        new
                        {
                            expr = query,
                            eval_time = "15m",
                            exp_samples = expected.Select(sample => new { labels = sample.Labels, value = sample.Value }),
                        },
                    },
                },
            },
        }));
        (int exitCode, string output, string error) = await Programs.RunAsync("promtool", "", "test", "rules", file);
        Assert.True(exitCode == 0, output + error);
    }

    private static string Labels(string pod) => $"{{namespace=\"models\",pod=\"{pod}\"}}";

    [GeneratedRegex(@"name: \{as: (?<name>\w+)\}\n    metricsQuery: >-\n(?<query>(      .+\n)+)")]
    private static partial Regex AdapterRule();
}
