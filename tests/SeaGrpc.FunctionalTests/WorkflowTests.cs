using System.Text.Json;
using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>What runs this repository's scripts elsewhere: workflows and the development container.</summary>
[Trait("tier", "quick")]
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, ".github/workflows")).Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void An_action_is_pinned_to_a_commit_with_its_version_beside_it(string workflow)
    {
        string[] used = [.. Uses().Matches(Read($".github/workflows/{workflow}")).Select(use => use.Groups[1].Value)];

        Assert.NotEmpty(used);
        Assert.All(
            used.Where(use => !use.StartsWith("./", StringComparison.Ordinal)),
            use => Assert.Matches(@"^\S+@[0-9a-f]{40} # v\d", use));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_script_that_a_workflow_runs_is_there(string workflow) => AssertScripts(Read($".github/workflows/{workflow}"));

    [Fact]
    public void The_development_container_has_the_sdk_that_the_build_needs()
    {
        using JsonDocument container = JsonDocument.Parse(Read(".devcontainer/devcontainer.json"));
        using JsonDocument sdk = JsonDocument.Parse(Read("global.json"));
        string version = sdk.RootElement.GetProperty("sdk").GetProperty("version").GetString()!;

        Assert.EndsWith($"-{string.Join('.', version.Split('.')[..2])}", container.RootElement.GetProperty("image").GetString());
        AssertScripts(container.RootElement.GetProperty("postCreateCommand").GetString()!);
    }

    private static void AssertScripts(string text) => Assert.All(
        Scripts().Matches(text).Select(script => script.Value),
        script => Assert.True(File.Exists(Path.Combine(Repository.Root, script)), $"{script} is not there."));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    [GeneratedRegex(@"uses: (.+)")]
    private static partial Regex Uses();

    [GeneratedRegex(@"\beng/[\w-]+\.sh")]
    private static partial Regex Scripts();
}
