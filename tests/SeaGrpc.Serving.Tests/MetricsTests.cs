using System.Diagnostics.Metrics;
using SeaGrpc.Alignment;
using SeaGrpc.Serving.Observability;
using SeaGrpc.Testing.Runs;

namespace SeaGrpc.Serving.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task The_meter_counts_jobs_and_times_iterations_and_waits()
    {
        using var meters = new OneMeter();
        Dictionary<string, double> sums = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, meters.Meter))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string key = string.Join(' ', [name, .. tags.ToArray().Select(tag => tag.Value)]);
            lock (sums)
            {
                sums[key] = sums.GetValueOrDefault(key) + value;
            }
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.Start();
        using var gate = new Gate();
        var clock = new SeaGrpc.Testing.Time.ManualTimeProvider();
        await using var engine = new AlignmentEngine(
            () => new ScriptedBackend
            {
                Script = task => new ScriptedRun
                {
                    Cost = new AlignmentCost(2, 1, 10, 20) { PolicyBackwardTokens = 3, RewardBackwardTokens = 9 },
                    OnAdvance = number =>
                    {
                        gate.Pass();
                        clock.Advance(TimeSpan.FromSeconds(1));
                        if (task.Seed == 2)
                        {
                            throw new InvalidOperationException();
                        }
                    },
                },
            },
            new EngineOptions { MaxConcurrentJobs = 1 },
            clock,
            meters: meters);
        await Harness.Soon(engine.Loaded);
        var first = engine.Reserve().Submit(Harness.TaskOf(1));
        await gate.ArrivalAsync();
        var second = engine.Reserve().Submit(Harness.TaskOf(2));
        listener.RecordObservableInstruments();
        gate.Open();
        await Harness.Soon(first.Completion);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Harness.Soon(second.Completion));

        lock (sums)
        {
            Assert.Equal(1, sums["seagrpc.jobs.active"]);
            Assert.Equal(1, sums["seagrpc.jobs.queued"]);
            Assert.Equal(1, sums["seagrpc.jobs.active.limit"]);
            Assert.Equal(64, sums["seagrpc.jobs.queued.limit"]);
            Assert.Equal(1, sums["seagrpc.jobs.completed Iterations base"]);
            Assert.Equal(1, sums["seagrpc.jobs.failed InvalidOperationException base"]);
            Assert.Equal(1, sums["seagrpc.time_to_draft base"]);
            Assert.Equal(3, sums["seagrpc.iteration.duration base"]);
            Assert.Equal(4, sums["seagrpc.queue.wait"]);
            Assert.Equal(3, sums["seagrpc.alignment.iterations base"]);
            Assert.Equal(3, sums["seagrpc.energy.gain_nats base"]);
            Assert.Equal(3, sums["seagrpc.reward.gain base"]);
            Assert.Equal(1, sums["seagrpc.prompt.tokens base"]);
            Assert.Equal(1, sums["seagrpc.response.tokens base"]);
            Assert.Equal(7, sums["seagrpc.tokens base policy forward"]);
            Assert.Equal(3, sums["seagrpc.tokens base policy backward"]);
            Assert.Equal(11, sums["seagrpc.tokens base reward forward"]);
            Assert.Equal(9, sums["seagrpc.tokens base reward backward"]);
        }
    }

    [Fact]
    public void Nothing_is_allocated_where_nobody_listens()
    {
        using var meters = new OneMeter();
        using var metrics = new EngineMetrics(new EngineGauges(), new EngineOptions(), meters);
        AlignmentTask task = Harness.TaskOf(1);
        AlignmentOutcome outcome = AlignmentOutcome.OfUnscored([1]);
        var failure = new InvalidOperationException();
        void Record()
        {
            metrics.RecordWait(TimeSpan.FromSeconds(1));
            metrics.RecordDraft(task.Method, TimeSpan.FromSeconds(1));
            metrics.RecordIteration(task.Method, TimeSpan.FromSeconds(1));
            metrics.RecordBatch(2, 10);
            metrics.RecordCompletion(task, outcome);
            metrics.CountFailure(task.Method, failure);
            metrics.CountPairs(1);
            metrics.NoteBatches(1, 1);
            Assert.Null(JobSpans.OfCurrentCall(TimeProvider.System));
            using CallCorrelation correlation = CallCorrelation.With(null);
        }

        Record();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int times = 0; times < 1000; times++)
        {
            Record();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class OneMeter : IMeterFactory
    {
        public Meter Meter { get; } = new("SeaGrpc");

        public Meter Create(MeterOptions options)
        {
            Assert.Equal(Meter.Name, options.Name);
            return Meter;
        }

        public void Dispose() => Meter.Dispose();
    }
}
