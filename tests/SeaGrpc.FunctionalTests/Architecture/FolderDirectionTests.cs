using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests.Architecture;

/// <summary>
/// Folders use each other in the directions that <see cref="FolderDirections"/> lists, and docs/architecture.md draws them.
/// </summary>
[Trait("tier", "quick")]
public sealed partial class FolderDirectionTests
{
    private static readonly string Source = Path.Combine(Repository.Root, "src");

    private static readonly string Page = Path.Combine(Repository.Root, "docs/architecture.md");

    [Fact]
    public void A_folder_uses_only_those_that_it_may() =>
        Assert.Empty(FolderUse.In(Files().Select(File.ReadAllText)).Except(FolderDirections.All));

    [Fact]
    public void No_way_leads_back()
    {
        FolderUse[] all = [.. FolderDirections.All];
        foreach (IGrouping<string, FolderUse> house in all.GroupBy(use => use.House))
        {
            HashSet<string> left = [.. house.SelectMany(use => (string[])[use.From, use.To])];
            while (left.Where(folder => !house.Any(use => use.From == folder && left.Contains(use.To))).ToArray() is { Length: > 0 } ends)
            {
                left.ExceptWith(ends);
            }

            Assert.True(left.Count == 0, $"In {house.Key} a circle leads through {string.Join(", ", left)}.");
        }
    }

    [Fact]
    public void Every_named_folder_is_there() => Assert.All(
        FolderDirections.All.SelectMany(use => (string[])[$"{use.House}.{use.From}", $"{use.House}.{use.To}"]).Distinct(),
        name => Assert.True(Directory.Exists(Path.Combine([Source, .. Parts(name)])), $"There is no folder for {name}."));

    [Fact]
    public void A_namespace_is_its_folder() => Assert.All(Files(), file =>
    {
        Match line = NamespaceLine().Match(File.ReadAllText(file));
        Assert.True(
            !line.Success || Path.GetDirectoryName(file) == Path.Combine([Source, .. Parts(line.Groups[1].Value)]),
            $"{Path.GetRelativePath(Source, file)} is of another namespace than its folder.");
    });

    [Theory]
    [InlineData("using SeaGrpc.Part.Two;")]
    [InlineData("using static SeaGrpc.Part.Two.Inner.Deep;")]
    [InlineData("using Name = SeaGrpc.Part.Two.Thing;")]
    [InlineData("// Two.Thing")]
    [InlineData("// SeaGrpc.Part.Two.Inner.Deep")]
    public void A_use_is_found_however_it_is_written(string use)
    {
        IEnumerable<FolderUse> found = FolderUse.In(
        [
            $"{use}\nnamespace SeaGrpc.Part.One;\npublic sealed class User;",
            "namespace SeaGrpc.Part.Two;\ninternal readonly record struct Thing(int Value);",
            "namespace SeaGrpc.Part.Two.Inner;\n\ninternal static class Deep\n{\n}",
        ]);

        Assert.Equal([new FolderUse("SeaGrpc.Part", "One", "Two")], found);
    }

    [Fact]
    public void The_page_draws_the_same_directions() => Assert.Equal(
        FolderDirections.All.Select(use => $"{use.House}: {use.From} -> {use.To}").Order(StringComparer.Ordinal),
        Drawn().Where(edge => edge.House != "projects").Select(edge => $"{edge.House}: {edge.From} -> {edge.To}").Order(
            StringComparer.Ordinal));

    [Fact]
    public void The_page_draws_the_projects() => Assert.Equal(
        ArchitectureTests.Allowed.SelectMany(project => project.Value.Select(target => $"{project.Key} -> {target}"))
            .Order(StringComparer.Ordinal),
        Drawn().Where(edge => edge.House == "projects").Select(edge => $"{edge.From} -> {edge.To}").Order(StringComparer.Ordinal));

    [Fact]
    public void The_types_on_a_requests_way_are_there()
    {
        string[] drawn = [.. Participant().Matches(File.ReadAllText(Page)).Select(participant => participant.Groups[1].Value)];
        HashSet<string?> files = [.. Files().Select(Path.GetFileNameWithoutExtension)];

        Assert.True(drawn.Length > 5);
        Assert.All(drawn, type => Assert.Contains(type, files));
    }

    /// <summary>The edges of the page's flowcharts, each of which names what it shows in a comment.</summary>
    private static IEnumerable<FolderUse> Drawn() => Flowchart().Matches(File.ReadAllText(Page))
        .SelectMany(chart => Edge().Matches(chart.Groups[2].Value).SelectMany(edge => edge.Groups[2].Value.Split(" & ")
            .Select(target => new FolderUse(chart.Groups[1].Value, edge.Groups[1].Value, target))));

    private static IEnumerable<string> Files() => Directory.GetDirectories(Source)
        .SelectMany(project => Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(project, file).Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin")));

    private static string[] Parts(string name) =>
        name.Split('.') is [var first, var second, .. var rest] ? [$"{first}.{second}", .. rest] : [name];

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^```mermaid\nflowchart \w+\n *%% (\S+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Flowchart();

    [GeneratedRegex(@"^ *participant \w+ as (\w+)", RegexOptions.Multiline)]
    private static partial Regex Participant();

    [GeneratedRegex(@"^ *(\S+) --> (.+)$", RegexOptions.Multiline)]
    private static partial Regex Edge();
}
