using System.Text;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>What one language runs; a test of its own says that it passes.</summary>
/// <param name="Language">Its name.</param>
/// <param name="Cases">Names of its cases.</param>
internal sealed record ConformanceColumn(string Language, IReadOnlySet<string> Cases);

/// <summary>docs/conformance.md: language by case.</summary>
internal static class ConformanceTable
{
    public static string Page { get; } = Path.Combine(Repository.Root, "docs", "conformance.md");

    /// <summary>The page: the table anew, and below it the sections that stand there, which are written by hand.</summary>
    /// <param name="cases">Names of the cases, in order.</param>
    /// <param name="columns">Every language with what it runs.</param>
    public static string Write(IReadOnlyList<string> cases, IReadOnlyList<ConformanceColumn> columns)
    {
        var page = new StringBuilder("""
            # Conformance of the clients

            The cases of [clients/conformance/cases.json](../clients/conformance/cases.json) that each client passes. They run against the real server with the
            embedded models, or against a server that replays recorded bytes if a real one cannot be made to send them. The tests run all cases and compare this
            page; `eng/conformance.sh` writes it. typescript-web is the browser client in a real Chromium over gRPC-Web; it omits what a web page cannot reach.


            """);
        page.Append("| case | ").AppendJoin(" | ", columns.Select(column => column.Language)).Append(" |\n|---|");
        page.Insert(page.Length, "---|", columns.Count).Append('\n');
        foreach (string name in cases)
        {
            page.Append($"| {name} | ")
                .AppendJoin(" | ", columns.Select(column => column.Cases.Contains(name) ? "yes" : ""))
                .Append(" |\n");
        }

        string before = File.ReadAllText(Page);
        int sections = before.IndexOf("\n## ", StringComparison.Ordinal);
        return sections < 0 ? page.ToString() : page.Append(before[sections..]).ToString();
    }
}
