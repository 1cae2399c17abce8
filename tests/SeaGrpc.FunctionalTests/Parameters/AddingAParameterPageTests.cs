using System.Diagnostics;
using System.Text.RegularExpressions;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests.Parameters;

/// <summary>The example of docs/adding-a-parameter.md can be applied to the sources as they are now.</summary>
[Trait("tier", "quick")]
public sealed partial class AddingAParameterPageTests
{
    private static readonly string Example =
        Diff().Match(File.ReadAllText(Path.Combine(Repository.Root, "docs/adding-a-parameter.md"))).Groups[1].Value;

    [Fact]
    public async Task Its_diff_applies()
    {
        var start = new ProcessStartInfo("git", ["apply", "--check", "-C1", "-"])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process git = Process.Start(start)!;
        await git.StandardInput.WriteAsync(Example);
        git.StandardInput.Close();
        string errors = await git.StandardError.ReadToEndAsync();
        await git.WaitForExitAsync();

        Assert.True(git.ExitCode == 0, errors);
    }

    [Fact]
    public void It_touches_the_record_and_the_message_alone() =>
        Assert.Equal([".cs", ".proto"], Changed().Matches(Example).Select(file => Path.GetExtension(file.Groups[1].Value)));

    [GeneratedRegex(@"^```diff\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Diff();

    [GeneratedRegex(@"^\+\+\+ b/(\S+)", RegexOptions.Multiline)]
    private static partial Regex Changed();
}
