using SeaGrpc.Cli.Connections;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Runs;

/// <summary>A fault in a judge costs the row that it judged.</summary>
public sealed class FailingJudgeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_judge_that_throws_fails_its_row_and_the_run_goes_on()
    {
        await using ScriptedAligner server = await ScriptedAligner.StartAsync((prompt, _) => prompt);
        using var connection = new SidecarConnection(ServerAddress.Parse(server.Address)!, token: null);
        var settings = new RunSettings("base", new Dictionary<string, string>(), new Dictionary<string, string>());
        var method = new DatasetMethod("base", new AlignmentSpec { Base = new BaseParameters() }, IsPlainText: false, settings);
        using ResultsFile results = ResultsFile.Open(Path.Combine(_folder, "results.jsonl"), [settings]);
        DatasetRow[] rows = [new("1", 1, "one"), new("2", 2, "two"), new("3", 3, "three")];
        var run = new DatasetRun(DatasetSuite.AdvBench, rows, [method], 1, connection, new Judge(), results);

        await run.RunAsync(2, new Progress<DatasetProgress>(), CancellationToken.None);

        Assert.Equal([true, null, true], run.Results(method).Select(result => result.Counts));
        Assert.Equal("The judge failed: OverflowException: Too much.", run.Results(method)[1].Error);
        Assert.EndsWith(" | 1 |", DatasetSummary.Row("base", run.Results(method)), StringComparison.Ordinal);
    }

    private sealed class Judge : IAnswerJudge
    {
        public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

        public Task<Verdict> JudgeAsync(DatasetRow row, string answer, CancellationToken cancellationToken) =>
            row.Id == "2" ? throw new OverflowException("Too much.") : Task.FromResult(new Verdict(true, "fine"));
    }
}
