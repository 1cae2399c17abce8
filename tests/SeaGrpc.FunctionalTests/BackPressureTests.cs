using Grpc.Core;
using SeaGrpc.Alignment;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;
using Snapshot = SeaGrpc.Alignment.ChainSnapshot;

namespace SeaGrpc.FunctionalTests;

/// <summary>A reader that does not read.</summary>
public sealed class BackPressureTests
{
    [Fact]
    public async Task A_slow_reader_misses_iterations_and_never_holds_the_run_up()
    {
        var run = new LargeRun(iterations: 500);
        await using RunningServer server = await RunningServer.StartAsync(_ => run, "Transport:WriteTimeout=00:05:00");
        AlignmentSpec spec = Specs.Sea();
        spec.Updates = new UpdateOptions { IncludeTokenIds = true };
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });

        await run.Disposed.WaitAsync(TimeSpan.FromMinutes(5)); // It ends though nobody reads.
        var events = new List<StreamAlignResponse>();
        await foreach (StreamAlignResponse next in call.ResponseStream.ReadAllAsync())
        {
            events.Add(next);
        }

        Assert.Equal(Enumerable.Range(0, events.Count).Select(number => (long)number), events.Select(next => next.Sequence));
        int[] indices = [.. events.Where(next => next.Iteration is not null).Select(next => next.Iteration.Index)];
        Assert.True(indices.Length < 500);
        Assert.Equal(500, indices[^1]);
        Assert.NotNull(events[^1].Final);
    }

    [Fact]
    public async Task A_reader_that_stalls_past_the_write_timeout_loses_its_run()
    {
        var run = new LargeRun(iterations: 1_000_000);
        await using RunningServer server = await RunningServer.StartAsync(_ => run, "Transport:WriteTimeout=00:00:00.300");
        AlignmentSpec spec = Specs.Sea();
        spec.Updates = new UpdateOptions { IncludeTokenIds = true };
        using AsyncServerStreamingCall<StreamAlignResponse> call = server.Alignment.StreamAlign(new StreamAlignRequest { Spec = spec });

        await run.Disposed.WaitAsync(TimeSpan.FromMinutes(5));
        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(default))
            {
            }
        });
    }

    /// <summary>A run whose every update is 20 KB on the wire.</summary>
    private sealed class LargeRun(int iterations) : IAlignmentRun
    {
        private static readonly Alignment.ScoredResponse Response = new([.. Enumerable.Repeat(200, 10_000)], true, 1, -1, -1);
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _done = -1;

        public Task Disposed => _disposed.Task;

        public bool IsFinished => _done == iterations;

        public Alignment.StopReason FinishReason => Alignment.StopReason.Iterations;

        public bool HasResponse => _done >= 0;

        public AlignmentUpdate? Advance()
        {
            Thread.Sleep(1);
            _done++;
            Snapshot chain = new() { Chain = 0, Response = Response };
            return _done == 0 ? new DraftUpdate([chain], Response) : new IterationUpdate(_done, iterations, [chain], Response);
        }

        public AlignmentOutcome Complete(Alignment.StopReason reason) =>
            new(reason, Response, Response, 0, 0, _done, new Alignment.AlignmentCost(0, 0, 0, 0));

        public void Dispose() => _disposed.TrySetResult();
    }
}
