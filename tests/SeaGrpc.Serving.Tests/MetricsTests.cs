using System.Diagnostics.Metrics;
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
            string key = tags.IsEmpty ? name : $"{name} {tags[0].Value}";
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
            Assert.Equal(1, sums["seagrpc.jobs.completed Iterations"]);
            Assert.Equal(1, sums["seagrpc.jobs.failed InvalidOperationException"]);
            Assert.Equal(3, sums["seagrpc.iteration.duration"]);
            Assert.Equal(4, sums["seagrpc.queue.wait"]);
        }
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
