using System.Diagnostics;
using System.Text.Json;
using SeaGrpc.Modeling;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Bench.Tests;

/// <summary>
/// The program as -p:Accelerator=external builds it, without a libtorch beside it, and one that lies elsewhere: the files of the
/// ordinary build, taken apart.
/// </summary>
[Trait("tier", "slow")]
public sealed class LibTorchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;
    private readonly string _program;
    private readonly string _libraries;

    public LibTorchTests()
    {
        _program = Directory.CreateDirectory(Path.Combine(_folder, "program")).FullName;
        _libraries = Directory.CreateDirectory(Path.Combine(_folder, "libraries")).FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            string name = Path.GetFileName(file);
            if (IsLibtorch(name))
            {
                File.CreateSymbolicLink(Path.Combine(_libraries, name), file);
            }
            // It lists libtorch's files, and the host misses what is listed.
            else if (!name.EndsWith(".deps.json", StringComparison.Ordinal))
            {
                File.Copy(file, Path.Combine(_program, name));
            }
        }

        foreach (string model in (string[])["tiny-policy", "tiny-reward"])
        {
            string target = Directory.CreateDirectory(Path.Combine(_program, "models", model)).FullName;
            foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "models", model)))
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
            }
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_libtorch_that_lies_elsewhere_is_computed_with()
    {
        ProgramResult result = await RunAsync(
            _libraries, "--json", "--tokens", "4", "--method", "sea[sampler=langevin,chains=1,iterations=1]");

        Assert.Equal((0, ""), (result.ExitCode, result.ExitCode == 0 ? "" : result.Error));
        Assert.True(JsonDocument.Parse(result.Output).RootElement.GetProperty("figures").GetProperty("iteration_seconds").GetDouble() > 0);
    }

    [Fact]
    public async Task With_none_at_all_the_setting_and_the_version_are_told() =>
        await AssertRefused(null, "This build contains no libtorch");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_build_without_TorchSharp_s_native_library_says_so_with_and_without_a_libtorch(bool hasLibtorch)
    {
        File.Delete(Path.Combine(_program, "libLibTorchSharp.so"));
        ProgramResult result = await RunAsync(hasLibtorch ? _libraries : null);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("lacks libLibTorchSharp.so", result.Error, StringComparison.Ordinal);
        Assert.Contains($"put it into {_program}", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Trace from", result.Output, StringComparison.Ordinal); // TorchSharp has not looked for it.
    }

    [Fact]
    public async Task A_folder_without_libtorch_is_named() =>
        await AssertRefused(_program, $"there is no {Path.Combine(_program, "libtorch_cpu.so")}");

    [Fact]
    public async Task A_file_that_is_no_library_is_named()
    {
        string other = Directory.CreateDirectory(Path.Combine(_folder, "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(other, "libtorch_cpu.so"), "no library");
        await AssertRefused(other, Path.Combine(other, "libtorch_cpu.so"));
    }

    [Fact]
    public async Task A_file_without_the_symbols_is_refused_as_it_fails_the_self_check()
    {
        // A library without the function that tells the version, as libtorch was before 2.9, and without all others.
        string other = Directory.CreateDirectory(Path.Combine(_folder, "old")).FullName;
        File.CreateSymbolicLink(Path.Combine(other, "libtorch_cpu.so"), Path.Combine(AppContext.BaseDirectory, "libc10.so"));
        await AssertRefused(other, "before 2.9", "failed the self-check: symbols of libtorch", LibTorch.KnownVersions);
    }

    [Fact]
    public async Task Another_minor_version_that_computes_rightly_is_taken()
    {
        ProgramResult result = await RunAsync(
            Other(library => library), "--json", "--tokens", "4", "--method", "sea[sampler=langevin,chains=1,iterations=1]");
        Assert.Equal((0, ""), (result.ExitCode, result.ExitCode == 0 ? "" : result.Error));
        Assert.True(JsonDocument.Parse(result.Output).RootElement.GetProperty("figures").GetProperty("iteration_seconds").GetDouble() > 0);
    }

    [Fact]
    public async Task Another_minor_version_that_computes_wrongly_is_refused_with_what_is_wrong() => await AssertRefused(
        Other(library => library.Redirecting("_ZN2at4_ops3neg4callERKNS_6TensorE", "_ZN2at4_ops3abs4callERKNS_6TensorE")),
        "of version 2.13", "failed the self-check", "arithmetic on cpu: neg: number 2 is 2, not -2", LibTorch.KnownVersions);

    [Fact]
    public async Task Another_minor_version_that_crashes_is_refused_with_the_check_that_it_crashed_in() => await AssertRefused(
        Other(library => library.Crashing("_ZN2at4_ops3bmm4callERKNS_6TensorES4_")),
        "of version 2.13", "failed the self-check", "in the check \"matrix products on cpu\"", LibTorch.KnownVersions);

    [Fact]
    public async Task Another_minor_version_without_a_symbol_is_refused_with_its_name() => await AssertRefused(
        Other(library => library.Hiding("_ZN2at4_ops3neg4callERKNS_6TensorE")),
        "of version 2.13", "failed the self-check: symbols of libtorch", "3neg", LibTorch.KnownVersions);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_self_check_runs_by_itself(bool isOwn)
    {
        ProgramResult result = await BuiltProgram.Bench.RunCopyAsync(
            isOwn ? AppContext.BaseDirectory : _program, LibTorch.Variable, isOwn ? null : _libraries, "--self-check");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.EndsWith("The self-check passed.\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("ok      one iteration of SEA on cpu", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_check_for_machines_with_a_GPU_runs_on_a_CPU()
    {
        string check = Path.Combine(AppContext.BaseDirectory, "gpu", "check");
        string figures = Path.Combine(_folder, "figures");
        var start = new ProcessStartInfo("bash", [check, figures, "tiny"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SEAGRPC_PROGRAM"] = _program;
        start.Environment[LibTorch.Variable] = _libraries;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output + await error);
        Assert.Contains("All steps passed.", output, StringComparison.Ordinal);
        Assert.Contains(
            "The self-check passed.", await File.ReadAllTextAsync(Path.Combine(figures, "self-check.txt")), StringComparison.Ordinal);
        JsonElement scores = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(figures, "scores.json"))).RootElement.GetProperty(
            "figures");
        Assert.Equal(63, scores.GetProperty("log_probabilities")[0].GetArrayLength());
        Assert.All(
            ["versions.txt", "load.json", "iteration.txt", "serve.txt"], file =>
                Assert.True(new FileInfo(Path.Combine(figures, file)).Length > 0, file));
    }

    [Fact]
    public async Task A_build_with_its_own_libtorch_takes_no_other()
    {
        ProgramResult result = await BuiltProgram.Bench.RunCopyAsync(
            AppContext.BaseDirectory, LibTorch.Variable, _libraries, "load", "--small");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("-p:Accelerator=external", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_that_is_needed_is_TorchSharps() =>
        Assert.StartsWith($"{LibTorch.NeededVersion}.", TorchSharp.torch.__version__, StringComparison.Ordinal);

    private static bool IsLibtorch(string name) =>
        name.StartsWith("libtorch", StringComparison.Ordinal)
            || name.StartsWith("libc10", StringComparison.Ordinal)
            || name.StartsWith("libgomp", StringComparison.Ordinal);

    /// <summary>A folder with a libtorch that says it is 2.13, and is changed in something else.</summary>
    private string Other(Func<PatchedLibrary, PatchedLibrary> change)
    {
        string other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        foreach (string file in Directory.EnumerateFiles(_libraries).Where(file => Path.GetFileName(file) != "libtorch_cpu.so"))
        {
            // By its real path a library would find the unchanged one beside it.
            File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        }

        change(
            new PatchedLibrary(Path.Combine(_libraries, "libtorch_cpu.so")).Answering("aoti_torch_abi_version", (2UL << 56) | (13UL << 48)))
            .Write(Path.Combine(other, "libtorch_cpu.so"));
        return other;
    }

    private async Task AssertRefused(string? libtorch, params string[] named)
    {
        ProgramResult result = await RunAsync(libtorch);
        Assert.Equal(1, result.ExitCode);
        Assert.All(
            [.. named, LibTorch.Variable, $"libtorch {LibTorch.NeededVersion}"],
            part => Assert.Contains(part, result.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private Task<ProgramResult> RunAsync(string? libtorch, params string[] arguments) =>
        BuiltProgram.Bench.RunCopyAsync(_program, LibTorch.Variable, libtorch, ["load", "--small", "--threads", "1", .. arguments]);
}
