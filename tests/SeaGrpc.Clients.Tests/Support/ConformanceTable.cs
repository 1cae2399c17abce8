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

            What every client does with every case of [clients/conformance/cases.json](../clients/conformance/cases.json), against the real server with
            the embedded models, or a server that replays recorded bytes where no real one can be made to do so. The tests run all of it and compare this page;
            `eng/conformance.sh` writes it. typescript-web is the client for browsers in a real Chromium, by gRPC-Web; it leaves out what a page cannot reach.


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
