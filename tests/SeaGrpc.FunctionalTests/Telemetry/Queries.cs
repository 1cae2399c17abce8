using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests.Telemetry;

/// <summary>The queries of the dashboard and of the alerts.</summary>
internal static partial class Queries
{
    /// <summary>The folder of the alerts.</summary>
    public static string Alerts { get; } = Path.Combine(Repository.Root, "deploy", "prometheus");

    /// <summary>The dashboard's queries, with Grafana's variables replaced.</summary>
    public static IReadOnlyList<string> Dashboard { get; } =
        [.. Expressions(JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "seagrpc.json")))!)
            .Select(query => query
                .Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$instance", ".+", StringComparison.Ordinal))];

    /// <summary>The series that a query names: what is left of it without matchers, ranges, groupings, functions and operators.</summary>
    public static IEnumerable<string> Series(string query) => Name().Matches(Rest().Replace(query, " "))
        .Select(name => name.Value)
        .Where(name => name is not ("or" or "and" or "unless" or "bool" or "sum"));

    private static IEnumerable<string> Expressions(JsonNode node) => node switch
    {
        JsonObject one => one.SelectMany(member => member is { Key: "expr", Value: JsonValue query }
            ? [query.GetValue<string>()]
            : member.Value is null ? [] : Expressions(member.Value)),
        JsonArray many => many.OfType<JsonNode>().SelectMany(Expressions),
        _ => [],
    };

    [GeneratedRegex("""\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring) ?\([^)]*\)|\b\w+(?= ?\()|"[^"]*"|\b[\d.]+\w*\b""")]
    private static partial Regex Rest();

    [GeneratedRegex(@"[a-zA-Z_:][\w:]*")]
    private static partial Regex Name();
}
