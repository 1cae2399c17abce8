using System.Diagnostics;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>The contract as files: buf's rules.</summary>
[Trait("tier", "quick")]
public sealed class ContractTests
{
    [Fact]
    public async Task Buf_lint_has_nothing_to_say()
    {
        (int code, string output) = await BufAsync("lint");
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Buf_format_has_nothing_to_change()
    {
        (int code, string output) = await BufAsync("format", "--diff", "--exit-code");
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Nothing_of_the_released_contract_is_broken()
    {
        (int code, string output) = await BufAsync("breaking", "--against", Path.Combine("released", "contract.binpb"));
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task A_field_that_is_gone_breaks_the_released_contract()
    {
        using var folder = new SeaGrpc.Testing.TemporaryFolder();
        string copy = folder.File("sea/v1");
        Directory.CreateDirectory(copy);
        string protos = Path.Combine(Repository.Root, "protos");
        File.Copy(Path.Combine(protos, "buf.yaml"), folder.File("buf.yaml"));
        foreach (string file in Directory.GetFiles(Path.Combine(protos, "sea", "v1")))
        {
            await File.WriteAllTextAsync(
                Path.Combine(copy, Path.GetFileName(file)),
                (await File.ReadAllTextAsync(file)).Replace("  int32 iterations_run = 6;", string.Empty, StringComparison.Ordinal));
        }

        (int code, string output) = await BufAsync("breaking", folder.Path, "--against", Path.Combine("released", "contract.binpb"));
        Assert.NotEqual(0, code);
        Assert.Contains("\"iterations_run\"", output);
    }

    private static async Task<(int Code, string Output)> BufAsync(params string[] arguments)
    {
        string buf = Path.Combine(Repository.Root, "tests", "tools", "node_modules", ".bin", "buf");
        Assert.True(File.Exists(buf), $"{buf} is missing: run npm install --prefix tests/tools");
        using Process process = Process.Start(new ProcessStartInfo(buf, arguments)
        {
            WorkingDirectory = Path.Combine(Repository.Root, "protos"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
