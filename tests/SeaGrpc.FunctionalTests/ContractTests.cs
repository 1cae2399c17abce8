using System.Diagnostics;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>The contract as files: buf's rules.</summary>
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
