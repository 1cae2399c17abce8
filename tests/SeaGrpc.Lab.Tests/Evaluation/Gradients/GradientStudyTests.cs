using SeaGrpc.Alignment.Probing;
using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation.Gradients;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Lab.Tests.Evaluation.Gradients;

public sealed class GradientStudyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Orders_are_compared_with_the_exact_rewards_depth_by_depth()
    {
        double[] rewards = [.. Enumerable.Range(0, 32).Select(value => (double)value)];
        double[] reversed = [.. rewards.Reverse()];
        // The best four are 28 to 31, and the first 16 of these are 15 to 0.
        double[] shifted = [.. rewards.Select(value => (value + 16) % 32)];
        IReadOnlyList<DepthFigures> figures = DepthFigures.Of(
        [
            new NextTokens(2, rewards, shifted, rewards, reversed),
            new NextTokens(0, rewards, rewards, rewards, rewards),
            new NextTokens(2, rewards, shifted, rewards, reversed),
        ]);

        Assert.Equal([(0, 1), (2, 2)], figures.Select(one => (one.Depth, one.Prompts)));
        Assert.Equal(31, figures[1].Spread.Mean);
        Assert.Equal((1.0, 1.0), (figures[1].AtLikeliest.Correlation.Mean, figures[1].AtLikeliest.Found.Mean));
        Assert.Equal((-1.0, 0.0), (figures[1].AtMean.Correlation.Mean, figures[1].AtMean.Found.Mean));
        Assert.Equal(0, figures[1].Policy.Found.Mean);
        string page = GradientPage.Of("Here.", 32, figures);
        Assert.Contains("| 2 | 2 | 1.00 [1.00, 1.00] | -1.00 [-1.00, -1.00] | ", page, StringComparison.Ordinal);
        Assert.Contains("A random order finds 50 %.", page, StringComparison.Ordinal);
        Assert.Contains("| 0 | 100 [", page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("tier", "slow")]
    public async Task One_command_measures_a_pair_and_writes_the_page()
    {
        string data = Path.Combine(_folder, "rows.csv");
        string page = Path.Combine(_folder, "gradient.md");
        File.WriteAllText(data, "goal,target\nmy printer is broken,Sure\nmy router is broken,Sure\n");
        string models = Path.Combine(AppContext.BaseDirectory, "models");

        ProgramResult result = await BuiltProgram.Lab.RunAsync(
            "gradient", "--data", data, "--policy", Path.Combine(models, "tiny-policy"), "--reward", Path.Combine(models, "tiny-reward"),
            "--limit", "2", "--out", page);

        Assert.True(result.ExitCode == ExitCodes.Success, result.Error);
        Assert.Equal(File.ReadAllText(page), result.Output);
        Assert.Contains("| 0 | 2 | ", result.Output, StringComparison.Ordinal);
        Assert.Contains("2 rows of rows.csv; reference temperature 0.7.", result.Output, StringComparison.Ordinal);
    }
}
