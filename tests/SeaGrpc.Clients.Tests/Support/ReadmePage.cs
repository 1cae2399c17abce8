using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.Clients.Tests.Support;

/// <summary>The programs on a client's page, each with what it prints below it.</summary>
/// <param name="Page">The page, from the repository's root.</param>
/// <param name="Language">The name behind its fences.</param>
internal sealed partial record ReadmePage(string Page, string Language)
{
    private const string ServerOfThePages = "http://127.0.0.1:50051";

    private string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, Page));

    /// <summary>Runs every program and compares.</summary>
    /// <param name="address">The server that takes the place of the page's.</param>
    /// <param name="run">Runs one program and returns what it prints.</param>
    public async Task CompareAsync(string address, Func<string, Task<string>> run)
    {
        (string Code, string Said)[] programs =
        [
            .. Regex
                .Matches(Text, $"```{Language}\n(.*?)```\n\n```text\n(.*?)```", RegexOptions.Singleline)
                .Select(block => (block.Groups[1].Value, block.Groups[2].Value)),
        ];
        Assert.True(programs.Length >= 2, $"{Page} has {programs.Length} programs.");
        Assert.Equal(Regex.Count(Text, $"```{Language}\n"), programs.Length);
        Assert.Contains("A skilled expert will check it today.", programs[0].Said);
        foreach ((string code, string said) in programs)
        {
            Assert.Contains(ServerOfThePages, code);
            Assert.Matches(Pattern(said), await run(code.Replace(ServerOfThePages, address, StringComparison.Ordinal)));
        }
    }

    /// <summary>The commands of its shell blocks that match, one a line.</summary>
    public string[] Commands(Func<string, bool> isWanted) =>
        [.. Shell().Matches(Text).SelectMany(block => block.Groups[1].Value.Split('\n')).Where(isWanted)];

    /// <summary>An ellipsis stands for any lines; figures may differ from one machine to the next.</summary>
    private static string Pattern(string said) => "^" + string.Concat(said.TrimEnd('\n').Split('\n').Select(line =>
        line == "…" ? @"(?:[^\n]*\n)+?" : Figure().Replace(Regex.Escape(line), @"-?\d+\.\d+") + @"\n")) + "$";

    [GeneratedRegex(@"-?\d+\\\.\d+")]
    private static partial Regex Figure();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shell();
}
