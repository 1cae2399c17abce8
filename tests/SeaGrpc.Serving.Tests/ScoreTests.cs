using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class ScoreTests
{
    [Fact]
    public async Task Scores_come_in_order_in_batches_between_the_turns_of_alignments()
    {
        using var gate = new Gate();
        List<string> turns = [];
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun
            {
                OnAdvance = _ =>
                {
                    gate.Pass();
                    turns.Add("run");
                },
            },
            new EngineOptions { MaxConcurrentJobs = 2, ScoreBatchSize = 4 },
            count => turns.Add($"score {count}"));
        Task run = harness.Submit().Completion;
        await gate.ArrivalAsync();
        Task<IReadOnlyList<ScoredResponse>> scores = harness.Score(10);
        gate.Open();

        Assert.Equal(Enumerable.Range(0, 10).Select(i => (double)i), (await Harness.Soon(scores)).Select(score => score.Reward));
        await Harness.Soon(run);
        Assert.Equal(["run", "run", "score 4", "run", "score 4", "run", "score 2"], turns);
    }

    [Fact]
    public async Task No_pairs_give_no_scores()
    {
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun());
        Assert.Empty(await Harness.Soon(harness.Score(0)));
    }

    [Fact]
    public async Task A_cancelled_score_is_dropped_from_the_queue_and_from_the_device()
    {
        using var gate = new Gate();
        List<int> batches = [];
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun(),
            new EngineOptions { MaxConcurrentJobs = 1, MaxQueuedJobs = 1, ScoreBatchSize = 1 },
            count =>
            {
                gate.Pass();
                batches.Add(count);
            });
        using var hurry = new CancellationTokenSource();
        Task running = harness.Score(3, cancellationToken: hurry.Token);
        await gate.ArrivalAsync();
        Task waiting = harness.Score(3, cancellationToken: hurry.Token);
        Assert.Throws<QueueFullException>(() => harness.Engine.Reserve());

        await hurry.CancelAsync();

        await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(running));
        await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(waiting));
        gate.Open();
        await Harness.UntilAsync(() => harness.Engine.RunningJobs == 0);
        Assert.Equal([1], batches);
    }

    [Fact]
    public async Task A_score_past_its_time_limit_fails()
    {
        Harness? harness = null;
        await using Harness owner = harness = await Harness.StartAsync(
            _ => new ScriptedRun(),
            new EngineOptions { ScoreBatchSize = 1 },
            _ => harness!.Clock.Advance(TimeSpan.FromSeconds(1)));
        Task late = harness.Score(5, new() { TimeLimit = TimeSpan.FromSeconds(3) });
        await Assert.ThrowsAsync<AlignmentDeadlineException>(() => Harness.Soon(late));
    }

    [Fact]
    public async Task A_failing_score_fails_alone()
    {
        await using Harness harness = await Harness.StartAsync(
            _ => new ScriptedRun(), onScore: count => throw new InvalidOperationException($"{count}"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Harness.Soon(harness.Score(1)));
        await Harness.Soon(harness.Submit().Completion);
    }
}
