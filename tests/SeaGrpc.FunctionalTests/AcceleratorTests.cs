using System.Text.Json;
using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests;

/// <summary>Which libtorch a build restores.</summary>
public sealed class AcceleratorTests
{
    [Theory]
    [InlineData(null, "TorchSharp-cpu")]
    [InlineData("cuda", "TorchSharp-cuda-linux")]
    [InlineData("external", null)]
    public async Task The_accelerator_chooses_the_package(string? accelerator, string? package)
    {
        (int exitCode, string output) = await BuildAsync("-getItem:PackageReference", accelerator);
        Assert.Equal(0, exitCode);
        string[] packages = [.. JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
            .Where(name => name.StartsWith("TorchSharp", StringComparison.Ordinal))];
        Assert.Equal(package is null ? ["TorchSharp"] : ["TorchSharp", package], packages);
    }

    [Fact]
    public async Task Another_accelerator_is_refused_by_name()
    {
        (int exitCode, string output) = await BuildAsync("-t:CheckAccelerator", "tpu");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Accelerator is tpu, but must be cpu, cuda, or external", output, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output)> BuildAsync(string question, string? accelerator) =>
        MsBuild.AskAsync("SeaGrpc.Modeling", [question, .. accelerator is null ? (string[])[] : [$"-p:Accelerator={accelerator}"]]);
}
