using SeaGrpc.Testing;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Lab.Tests.Commands;

[Trait("tier", "slow")]
public sealed class TrainRewardCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reward_model_is_trained_and_its_accuracy_told()
    {
        TinyCheckpoint.WritePolicy(_folder.File("policy"), seed: 1);
        string[] pairs = [.. Enumerable.Range(0, 20).Select(i => $$"""{"prompt": "q{{i}}", "chosen": "yes", "rejected": "no"}""")];
        await File.WriteAllLinesAsync(_folder.File("pairs.jsonl"), pairs, TestContext.Current.CancellationToken);
        ProgramResult result = await RunAsync("--frozen-layers", "0", "--epochs", "2", "--threads", "1");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("18 pairs to train on, 2 held out; 0 of 2 layers frozen, products in float32, 1 threads.", result.Lines[0]);
        Assert.Contains("Held-out pairs in the right order: ", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.File("reward"), "model.safetensors")));
    }

    [Theory]
    [InlineData(2, "--epochs must be at least 1.", "--epochs", "0")]
    [InlineData(2, "--learning-rate must be above 0 and at most 1, not 0.", "--learning-rate", "0")]
    [InlineData(1, "pairs.jsonl:1: it has neither prompt nor messages; add one of them.")]
    public async Task What_cannot_be_used_is_named(int code, string message, params string[] options)
    {
        await File.WriteAllTextAsync(_folder.File("pairs.jsonl"), "{}", TestContext.Current.CancellationToken);
        ProgramResult result = await RunAsync(options);
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("reward")));
    }

    private Task<ProgramResult> RunAsync(params string[] options) => BuiltProgram.Lab.RunAsync(
    [
        "train-reward", "--policy", _folder.File("policy"), "--pairs", _folder.File("pairs.jsonl"), "--out", _folder.File("reward"),
        .. options,
    ]);
}
