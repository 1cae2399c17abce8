using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using SeaGrpc.Alignment;
using SeaGrpc.Serving.Errors;
using SeaGrpc.Serving.Jobs;
using SeaGrpc.Serving.Observability;
using SeaGrpc.Testing.Runs;
using SeaGrpc.Testing.Time;

namespace SeaGrpc.Serving.Tests;

/// <summary>The spans of jobs under the span of a call.</summary>
public sealed class SpanTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public SpanTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SeaTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_job_has_a_span_for_its_wait_its_draft_and_its_iterations()
    {
        using var gate = new Gate();
        Harness? own = null;
        await using Harness harness = own = await Harness.StartAsync(_ => new ScriptedRun
        {
            DecodeSteps = 1,
            OnAdvance = _ =>
            {
                gate.Pass();
                own!.Clock.Advance(TimeSpan.FromSeconds(1));
            },
        });
        DateTime begun = harness.Clock.GetUtcNow().UtcDateTime;
        using Activity call = SeaTelemetry.Spans.StartActivity("call", ActivityKind.Server)!;
        AlignmentJob job = harness.Submit();
        gate.Open();
        await Harness.Soon(job.Completion);

        Assert.Same(call, Activity.Current);
        Activity[] spans = SpansOf(call);
        Assert.Equal(["queue", "draft", "iterations"], spans.Select(span => span.OperationName));
        Assert.All(spans, span => Assert.Equal(call.SpanId, span.ParentSpanId));
        Assert.All(spans, span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
        Assert.Equal([(0, 0), (0, 2), (2, 3)], spans.Select(span => ((span.StartTimeUtc - begun).Seconds, span.Duration.Seconds)));
        Assert.Equal([3, 4, 5], spans[2].Events.Select(one => (one.Timestamp.UtcDateTime - begun).Seconds));
        Assert.Equal([1, 2, 3], spans[2].Events.Select(one => one.Tags.First(tag => tag.Key == "seagrpc.iteration").Value));
    }

    [Fact]
    public async Task The_phase_that_a_job_fails_in_says_so_and_so_does_the_log_of_its_call()
    {
        var log = new TraceLog();
        await using var engine = new AlignmentEngine(
            () => new ScriptedBackend
            {
                Script = task => new ScriptedRun
                {
                    OnAdvance = number =>
                    {
                        if ((ulong)number == task.Seed)
                        {
                            throw new InvalidOperationException("It broke.");
                        }
                    },
                },
            },
            logger: log);
        await Harness.Soon(engine.Loaded);
        foreach ((ulong seed, string[] names) in ((ulong, string[])[])[(1, ["queue", "draft"]), (3, ["queue", "draft", "iterations"])])
        {
            using Activity call = SeaTelemetry.Spans.StartActivity("call", ActivityKind.Server)!;
            AlignmentJob job = engine.Reserve().Submit(Harness.TaskOf(seed));
            await Assert.ThrowsAsync<InvalidOperationException>(() => Harness.Soon(job.Completion));
            await Harness.UntilAsync(() => log.Traces.Contains(call.TraceId));
            Activity[] spans = SpansOf(call);
            Assert.Equal(names, spans.Select(span => span.OperationName));
            Assert.Equal((ActivityStatusCode.Error, "It broke."), (spans[^1].Status, spans[^1].StatusDescription));
            Assert.Equal(nameof(InvalidOperationException), spans[^1].GetTagItem("error.type"));
            Assert.All(spans[..^1], span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
        }
    }

    [Fact]
    public async Task A_job_that_never_starts_has_only_its_wait()
    {
        using var gate = new Gate();
        await using Harness harness = await Harness.StartAsync(_ => new ScriptedRun { OnAdvance = _ => gate.Pass() });
        AlignmentJob first = harness.Submit();
        await gate.ArrivalAsync();
        using Activity call = SeaTelemetry.Spans.StartActivity("call", ActivityKind.Server)!;
        AlignmentJob second = harness.Submit();
        second.Abandon();
        await Assert.ThrowsAsync<AlignmentCancelledException>(() => Harness.Soon(second.Completion));
        Activity wait = Assert.Single(SpansOf(call));
        Assert.Equal(("queue", ActivityStatusCode.Error), (wait.OperationName, wait.Status));
        gate.Open();
        await Harness.Soon(first.Completion);
    }

    [Fact]
    public void Of_too_many_improvements_the_last_is_kept()
    {
        using Activity call = SeaTelemetry.Spans.StartActivity("call", ActivityKind.Server)!;
        JobSpans spans = JobSpans.OfCurrentCall(new ManualTimeProvider())!;
        spans.Start();
        spans.Draft(ScriptedRun.Response(0));
        const int Iterations = 1000;
        for (int index = 1; index <= Iterations; index++)
        {
            spans.Iterate(new IterationUpdate(index, Iterations, [], ScriptedRun.Response(index)));
            spans.Iterate(new IterationUpdate(index, Iterations, [], ScriptedRun.Response(index))); // No improvement.
        }

        spans.End("draft");
        spans.End("draft");
        Activity iterations = Assert.Single(SpansOf(call), span => span.OperationName == "iterations");
        ActivityEvent[] events = [.. iterations.Events];
        Assert.Equal(JobSpans.MostImprovements, events.Length);
        Assert.Equal([1, Iterations], ((ActivityEvent[])[events[0], events[^1]]).Select(
            one => one.Tags.First(tag => tag.Key == "seagrpc.iteration").Value));
    }

    [Fact]
    public void A_span_of_others_is_not_a_call()
    {
        using var other = new Activity("other");
        other.Start();
        Assert.Null(JobSpans.OfCurrentCall(TimeProvider.System));
    }

    private Activity[] SpansOf(Activity call) => [.. _ended.Where(span => span.TraceId == call.TraceId && span != call)];

    private sealed class TraceLog : ILogger<AlignmentEngine>
    {
        public ConcurrentQueue<ActivityTraceId> Traces { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Traces.Enqueue(Activity.Current?.TraceId ?? default);
    }
}
