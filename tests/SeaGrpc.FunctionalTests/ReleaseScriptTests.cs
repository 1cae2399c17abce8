using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Deploy;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.FunctionalTests;

/// <summary>The parts of eng/release.sh that build nothing, on a copy of the files that they read.</summary>
[Trait("tier", "quick")]
public sealed partial class ReleaseScriptTests : IDisposable
{
    private static readonly string[] Versions =
    [
        "Directory.Build.props", "clients/python/pyproject.toml", "clients/typescript/package.json", "clients/java/pom.xml",
        "deploy/helm/seagrpc/Chart.yaml", "deploy/helm/examples/chat-backend/Chart.yaml",
    ];

    private readonly TemporaryFolder _copy = new();

    public ReleaseScriptTests()
    {
        foreach (string file in Versions.Append("eng/release.sh"))
        {
            string target = _copy.File(file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Repository.Root, file), target);
        }

        File.WriteAllText(
            _copy.File("CHANGELOG.md"),
            $"# Changelog\n\n## [Unreleased]\n\n## [{Version}] - 2027-01-31\n\n- New.\n\n## [0.0.1] - 2026-01-31\n\n- Old.\n");
    }

    private static string Version =>
        Element().Match(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Build.props"))).Groups[1].Value;

    public void Dispose() => _copy.Dispose();

    [Fact]
    public async Task Packages_of_one_version_with_notes_pass()
    {
        Assert.Equal((0, "", ""), await RunAsync("check", Version));
        Assert.Equal((0, "\n- New.\n\n", ""), await RunAsync("notes", Version));
    }

    [Fact]
    public async Task What_has_another_version_is_named()
    {
        string chart = _copy.File("deploy/helm/seagrpc/Chart.yaml");
        await File.WriteAllTextAsync(
            chart, (await File.ReadAllTextAsync(chart)).Replace($"appVersion: {Version}", "appVersion: 7.0.0", StringComparison.Ordinal));
        Assert.Equal(
            (1, "", $"appVersion in deploy/helm/seagrpc/Chart.yaml has the version '7.0.0', not '{Version}'.\n"),
            await RunAsync("check", Version));

        (int code, string output, string error) = await RunAsync("check", "9.9.9");
        Assert.Equal((1, ""), (code, output));
        Assert.All(Versions, file => Assert.Contains($"{file} has the version '{Version}', not '9.9.9'.", error));
        Assert.Contains("CHANGELOG.md has no section '## [9.9.9]'", error);
    }

    [Fact]
    public async Task Every_file_of_a_release_is_uploaded()
    {
        (int code, string output, _) = await RunAsync("files", "1.2.3");
        Assert.Equal(0, code);
        string[] files = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("seagrpc-1.2.3-linux-arm64.tar.gz", files);
        string workflow = await File.ReadAllTextAsync(Path.Combine(Repository.Root, ".github/workflows/release.yml"));
        string[] uploaded =
        [
            .. Uploaded().Matches(workflow[workflow.IndexOf("gh release create", StringComparison.Ordinal)..])
                .Select(match => match.Groups[1].Value)
                .Where(name => name != "NOTES.md"),
        ];
        Assert.All(files, file => Assert.Single(uploaded, pattern => IsMatch(file, pattern)));
        Assert.All(uploaded, pattern => Assert.Contains(files, file => IsMatch(file, pattern)));
    }

    [Theory]
    [InlineData()]
    [InlineData("pack")]
    [InlineData("publish", "artifacts")]
    public async Task Other_arguments_are_answered_with_the_parts(params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.All(
            (string[])["check", "notes", "files", "pack", "packages", "wheel", "archives", "sbom"],
            part => Assert.Contains($"eng/release.sh {part} ", error));
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        Programs.RunAsync("bash", "", [_copy.File("eng/release.sh"), .. arguments]);

    private static bool IsMatch(string file, string pattern) =>
        Regex.IsMatch(file, $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}$");

    [GeneratedRegex("<Version>(.*)</Version>")]
    private static partial Regex Element();

    [GeneratedRegex(@"(?<= )artifacts/([*\w.]+)(?=[\s\\])")]
    private static partial Regex Uploaded();
}
