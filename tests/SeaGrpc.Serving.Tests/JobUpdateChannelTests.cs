using SeaGrpc.Alignment;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class JobUpdateChannelTests
{
    private readonly JobUpdateChannel _channel = new();

    /// <summary>The read that waits is cancelled, so that it cannot take an update while others are being posted.</summary>
    [Fact]
    public async Task Iterations_that_come_at_once_all_reach_a_reader_that_is_not_busy()
    {
        Post(1, 1);
        Assert.Equal(1, Index(await _channel.ReadAsync(default)));
        using var cancellation = new CancellationTokenSource();
        ValueTask<AlignmentUpdate?> waiting = _channel.ReadAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        Post(2, 100);
        _channel.Close();

        Assert.Equal(Enumerable.Range(2, 100), await RestAsync());
    }

    [Fact]
    public async Task Iterations_that_come_during_one_write_wait_for_it()
    {
        Post(1, 1);
        Assert.Equal(1, Index(await _channel.ReadAsync(default)));
        Post(2, JobUpdateChannel.MostInHand);
        _channel.Close();

        Assert.Equal(Enumerable.Range(2, JobUpdateChannel.MostInHand), await RestAsync());
    }

    [Fact]
    public async Task A_write_that_lasts_makes_room_for_the_newest_iteration()
    {
        Post(1, 1);
        await _channel.ReadAsync(default);
        Post(2, JobUpdateChannel.MostInHand + 1);
        int newest = JobUpdateChannel.MostInHand + 2;

        Assert.Equal(newest, Index(await _channel.ReadAsync(default)));
        Post(newest + 1, 1_000_000);
        _channel.Close();
        List<int> rest = await RestAsync();
        Assert.InRange(rest.Count, 1, JobUpdateChannel.MostInHand);
        Assert.Equal(newest + 1_000_000, rest[^1]);
    }

    [Fact]
    public async Task Nothing_but_iterations_is_ever_dropped_and_the_order_is_kept()
    {
        _channel.Post(new JobQueued(1));
        await _channel.ReadAsync(default);
        _channel.Post(new JobStarted(TimeSpan.Zero));
        _channel.Post(new DraftUpdate([], ScriptedRun.Response(0)));
        Post(1, 1000);
        _channel.Post(new JobQueued(2)); // Any event that is no iteration.
        _channel.Close();

        List<AlignmentUpdate> events = [];
        while (await _channel.ReadAsync(default) is { } next)
        {
            events.Add(next);
        }

        Assert.IsType<JobStarted>(events[0]);
        Assert.IsType<DraftUpdate>(events[1]);
        Assert.Equal(1000, Index(events[^2]));
        Assert.IsType<JobQueued>(events[^1]);
    }

    private static int Index(AlignmentUpdate? next) => Assert.IsType<IterationUpdate>(next).Index;

    private void Post(int first, int count)
    {
        for (int index = first; index < first + count; index++)
        {
            _channel.Post(new IterationUpdate(index, int.MaxValue, [], ScriptedRun.Response(index)));
        }
    }

    private async Task<List<int>> RestAsync()
    {
        List<int> indices = [];
        while (await _channel.ReadAsync(default) is { } next)
        {
            indices.Add(Index(next));
        }

        return indices;
    }
}
