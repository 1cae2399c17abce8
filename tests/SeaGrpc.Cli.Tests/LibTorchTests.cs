using System.Text.Json;
using SeaGrpc.Modeling;

namespace SeaGrpc.Cli.Tests;

/// <summary>
/// The program as -p:Accelerator=external builds it, without a libtorch beside it, and one that lies elsewhere: the files of the
/// ordinary build, taken apart.
/// </summary>
public sealed class LibTorchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;
    private readonly string program;
    private readonly string libraries;

    public LibTorchTests()
    {
        program = Directory.CreateDirectory(Path.Combine(folder, "program")).FullName;
        libraries = Directory.CreateDirectory(Path.Combine(folder, "libraries")).FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            string name = Path.GetFileName(file);
            if (IsLibtorch(name))
            {
                File.CreateSymbolicLink(Path.Combine(libraries, name), file);
            }
            else if (!name.EndsWith(".deps.json", StringComparison.Ordinal)) // It lists libtorch's files, and the host misses what is listed.
            {
                File.Copy(file, Path.Combine(program, name));
            }
        }

        string policy = Path.Combine("models", "tiny-policy");
        Directory.CreateDirectory(Path.Combine(program, policy));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, policy)))
        {
            File.Copy(file, Path.Combine(program, policy, Path.GetFileName(file)));
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_libtorch_that_lies_elsewhere_is_computed_with()
    {
        CliResult result = await RunAsync(libraries, "--json", "--tokens", "4", "--chains", "1");

        Assert.Equal((0, ""), (result.ExitCode, result.ExitCode == 0 ? "" : result.Error));
        Assert.True(JsonDocument.Parse(result.Output).RootElement.GetProperty("figures").GetProperty("iteration_seconds").GetDouble() > 0);
    }

    [Fact]
    public async Task With_none_at_all_the_setting_and_the_version_are_told() =>
        await AssertRefused(null, "no libtorch of its own");

    [Fact]
    public async Task A_folder_without_libtorch_is_named() =>
        await AssertRefused(program, $"there is no {Path.Combine(program, "libtorch_cpu.so")}");

    [Fact]
    public async Task A_file_that_is_no_library_is_named()
    {
        string other = Directory.CreateDirectory(Path.Combine(folder, "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(other, "libtorch_cpu.so"), "no library");
        await AssertRefused(other, Path.Combine(other, "libtorch_cpu.so"));
    }

    [Fact]
    public async Task A_libtorch_of_another_version_is_refused()
    {
        // A library without the function that tells the version, as libtorch was before 2.9.
        string other = Directory.CreateDirectory(Path.Combine(folder, "old")).FullName;
        File.CreateSymbolicLink(Path.Combine(other, "libtorch_cpu.so"), Path.Combine(AppContext.BaseDirectory, "libc10.so"));
        await AssertRefused(other, "before 2.9");
    }

    [Fact]
    public async Task A_build_with_its_own_libtorch_takes_no_other()
    {
        CliResult result = await CliProcess.RunCopyAsync(AppContext.BaseDirectory, LibTorch.Variable, libraries, "bench", "load", "--small");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("-p:Accelerator=external", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_that_is_needed_is_TorchSharps() =>
        Assert.StartsWith($"{LibTorch.NeededVersion}.", TorchSharp.torch.__version__, StringComparison.Ordinal);

    private static bool IsLibtorch(string name) =>
        name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal) || name.StartsWith("libgomp", StringComparison.Ordinal);

    private async Task AssertRefused(string? libtorch, string named)
    {
        CliResult result = await RunAsync(libtorch);
        Assert.Equal(1, result.ExitCode);
        Assert.All(
            [named, LibTorch.Variable, $"libtorch {LibTorch.NeededVersion}"],
            part => Assert.Contains(part, result.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private Task<CliResult> RunAsync(string? libtorch, params string[] arguments) =>
        CliProcess.RunCopyAsync(program, LibTorch.Variable, libtorch, ["bench", "load", "--small", "--threads", "1", .. arguments]);
}
