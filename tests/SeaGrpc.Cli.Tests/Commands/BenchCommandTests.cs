using System.Text.Json;
using SeaGrpc.Modeling.Inspection;

namespace SeaGrpc.Cli.Tests.Commands;

public sealed class BenchCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Load_makes_models_that_can_be_served_and_measures_them()
    {
        var result = await CliProcess.RunAsync("bench", "load", "--small", "--make", folder, "--tokens", "4", "--chains", "1", "--threads", "1", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement figures = JsonDocument.Parse(result.Output).RootElement.GetProperty("figures");
        Assert.All(["load_seconds", "first_token_seconds", "iteration_seconds", "load_peak_bytes"], name => Assert.True(figures.GetProperty(name).GetDouble() > 0));
        Assert.Equal(4 * figures.GetProperty("parameters").GetInt64(), figures.GetProperty("weight_bytes").GetInt64());
        // The estimate is meant to be a little more than what is held; the program is most of it here.
        double peak = figures.GetProperty("peak_bytes").GetDouble();
        Assert.InRange(figures.GetProperty("estimated_bytes").GetDouble(), 0.9 * peak, 1.6 * peak);
        foreach (string role in new[] { "policy", "reward" })
        {
            Assert.Empty(CheckpointInspection.Of(Path.Combine(folder, role)).Problems);
        }
    }
}
