using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>The dashboard and the alerts, with Prometheus' own programs.</summary>
[Collection(BusyServerTests.Name)]
public sealed class DashboardTests(BusyServer busy)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Every_alert_is_valid_fires_when_it_should_and_is_explained()
    {
        string rules = Path.Combine(Queries.Alerts, "alerts.yml");
        await PrometheusPrograms.PromtoolAsync(string.Empty, "check", "rules", rules);
        await PrometheusPrograms.PromtoolAsync(string.Empty, "test", "rules", Path.Combine(Queries.Alerts, "alerts.test.yml"));
        string[] alerts = [.. Regex.Matches(File.ReadAllText(rules), @"- alert: (\w+)").Select(alert => alert.Groups[1].Value)];
        Assert.Equal(alerts, MetricsTable.Alerts);
        string tests = File.ReadAllText(Path.Combine(Queries.Alerts, "alerts.test.yml"));
        Assert.All(alerts, alert => Assert.Matches($@"alertname: {alert}\n\s+exp_alerts:", tests)); // It fires
        Assert.All(alerts, alert => Assert.Contains($"alertname: {alert} }}", tests)); // and does not.
    }

    [Fact]
    public void Queries_name_only_what_the_table_has()
    {
        string alerts = File.ReadAllText(Path.Combine(Queries.Alerts, "alerts.yml"));
        string[] conditions = [.. Regex.Matches(alerts, @"expr: (?:\|\n((?:          .*\n)+)|(.*)\n)").Select(
            match => match.Groups[1].Value + match.Groups[2].Value)];
        Assert.Equal(MetricsTable.Alerts.Count, conditions.Length);
        string[] named = [.. conditions.Concat(Queries.Dashboard).SelectMany(Queries.Series).Distinct()];
        Assert.Contains("seagrpc_calls_total", named);
        Assert.Empty(named.Except(MetricsTable.Series));
        string[] unused = [.. MetricsTable.Metrics.Keys.Where(
            metric => !named.Any(series => series == metric || series.StartsWith($"{metric}_", StringComparison.Ordinal)))];
        Assert.Equal(["target_info"], unused);
    }

    /// <summary>A real Prometheus scrapes the server twice, with calls in between, and answers every query of the dashboard.</summary>
    [Fact]
    public async Task Prometheus_scrapes_the_server_and_every_panel_has_data()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("prometheus.yml"), $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: ["{{Path.Combine(Queries.Alerts, "alerts.yml")}}"]
            scrape_configs:
              - job_name: seagrpc
                static_configs: [{ targets: ["{{new Uri(busy.Server.HttpAddress).Authority}}"] }]
            """);
        string address = $"127.0.0.1:{FreePort()}";
        using Process prometheus = PrometheusPrograms.Start(
            "prometheus", $"--config.file={folder.File("prometheus.yml")}", $"--storage.tsdb.path={folder.File("data")}",
            $"--web.listen-address={address}");
        Task<string> log = prometheus.StandardError.ReadToEndAsync();
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://{address}") };
            await UntilAsync(prometheus, async () => await EmptyAsync(http, ["seagrpc_ready"]));
            await busy.CallAsync();
            await UntilAsync(prometheus, async () => await EmptyAsync(http, Queries.Dashboard));
            JsonNode loaded = JsonNode.Parse(await http.GetStringAsync("/api/v1/rules"))!;
            JsonArray rules = loaded["data"]!["groups"]![0]!["rules"]!.AsArray();
            Assert.Equal(MetricsTable.Alerts, rules.Select(rule => (string)rule!["name"]!));
            Assert.All(rules, rule => Assert.Null(rule!["lastError"]));
        }
        finally
        {
            prometheus.Kill();
            await log;
        }
    }

    private static int Results(JsonNode? answer) => answer?["data"]?["result"]?.AsArray().Count ?? 0;

    private static async Task<JsonNode?> QueryAsync(HttpClient http, string query)
    {
        try
        {
            using HttpResponseMessage response = await http.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");
            return response.StatusCode == HttpStatusCode.ServiceUnavailable ? null
                : JsonNode.Parse(await response.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException failure) when (failure.InnerException is SocketException)
        {
            return null; // It does not listen yet.
        }
    }

    /// <summary>The queries that have no data yet.</summary>
    private static async Task<string[]> EmptyAsync(HttpClient http, IReadOnlyList<string> queries)
    {
        List<string> empty = [];
        foreach (string query in queries)
        {
            JsonNode? answer = await QueryAsync(http, query);
            Assert.True(answer is null || (string?)answer["status"] == "success", $"{query}: {answer}");
            if (Results(answer) == 0)
            {
                empty.Add(query);
            }
        }

        return [.. empty];
    }

    private static async Task UntilAsync(Process prometheus, Func<Task<string[]>> missing)
    {
        long begun = Environment.TickCount64;
        while (await missing() is { Length: > 0 } left)
        {
            Assert.False(prometheus.HasExited, "Prometheus has ended.");
            Assert.True(Environment.TickCount64 - begun < Patience.TotalMilliseconds, $"No data: {string.Join('\n', left)}");
            await Task.Delay(200);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
