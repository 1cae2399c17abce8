using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SeaGrpc.Serving.Observability;

/// <summary>
/// The engine's instruments in the meter <see cref="SeaTelemetry.Name"/>. Times are in seconds. Nothing is allocated where nobody listens.
/// </summary>
internal sealed class EngineMetrics : IDisposable
{
    private const string MethodTag = "method";
    private const string Score = "score";

    private static readonly FrozenDictionary<Type, string> Names = MethodSchema.All.ToFrozenDictionary(
        schema => schema.Record, schema => schema.Name);

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Tag[] _pair;
    private readonly IDisposable _gauges;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _reused;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _responseTokens;
    private readonly Counter<long> _pairs;
    private readonly Histogram<double> _queueWait;
    private readonly Histogram<double> _draft;
    private readonly Histogram<double> _iteration;
    private readonly Histogram<int> _iterations;
    private readonly Histogram<double> _energy;
    private readonly Histogram<double> _reward;
    private readonly Histogram<int> _passesOfBatch;
    private readonly Histogram<long> _positionsOfBatch;

    private long _passes;
    private long _batches;

    /// <summary>Creates the instruments in a factory's meter, or in one that the instance owns.</summary>
    /// <param name="gauges">What the gauges read.</param>
    /// <param name="options">The engine's limits.</param>
    /// <param name="factory">Creates and disposes the meter; null for a meter that this instance owns.</param>
    /// <param name="pair">Label of every figure, where several engines have the same meter; null for none.</param>
    public EngineMetrics(EngineGauges gauges, EngineOptions options, IMeterFactory? factory, string? pair = null)
    {
        _ownsMeter = factory is null;
        _meter = factory?.Create(new MeterOptions(SeaTelemetry.Name)) ?? new Meter(SeaTelemetry.Name);
        _pair = pair is null ? [] : [new Tag("pair", pair)];
        _gauges = GaugeSources.Of(_meter).Add(
            gauges with { MostRunning = options.MaxConcurrentJobs, MostWaiting = options.MaxQueuedJobs },
            pair is null ? null : _pair[0]);
        _completed = _meter.CreateCounter<long>("seagrpc.jobs.completed", "{job}", "Alignments that ended with an answer.");
        _failed = _meter.CreateCounter<long>("seagrpc.jobs.failed", "{job}", "Jobs that ended without an answer.");
        _tokens = _meter.CreateCounter<long>(
            "seagrpc.tokens", "{token}", "Token positions that answered alignments needed of the models, in forward and backward passes.");
        _reused = _meter.CreateCounter<long>(
            "seagrpc.tokens.reused", "{token}", "The part of these positions that had been read already and was not read again.");
        _promptTokens = _meter.CreateCounter<long>("seagrpc.prompt.tokens", "{token}", "Prompt tokens of answered alignments.");
        _responseTokens = _meter.CreateCounter<long>("seagrpc.response.tokens", "{token}", "Tokens of the answers.");
        _pairs = _meter.CreateCounter<long>("seagrpc.scored.pairs", "{pair}", "Pairs of Score calls that were scored.");
        _queueWait = Seconds("seagrpc.queue.wait", "Wait of the jobs that started.", MetricBuckets.Seconds);
        _draft = Seconds("seagrpc.time_to_draft", "Time from a job's submission to its first scored draft.", MetricBuckets.Seconds);
        _iteration = Seconds(
            "seagrpc.iteration.duration", "One iteration of one job, with its neighbours' passes in the same batches.",
            MetricBuckets.ShortSeconds);
        _iterations = _meter.CreateHistogram(
            "seagrpc.alignment.iterations", "{iteration}", "Iterations of an answered alignment.", advice: MetricBuckets.Iterations);
        _energy = _meter.CreateHistogram(
            "seagrpc.energy.gain_nats", "{nat}", "Energy of the draft minus that of the answer, in nats.", advice: MetricBuckets.Nats);
        _reward = _meter.CreateHistogram(
            "seagrpc.reward.gain", "{reward}", "Reward of the answer minus that of the draft.", advice: MetricBuckets.Rewards);
        _passesOfBatch = _meter.CreateHistogram(
            "seagrpc.batch.passes", "{pass}", "Passes in one batch, while several jobs ran.", advice: MetricBuckets.Passes);
        _positionsOfBatch = _meter.CreateHistogram(
            "seagrpc.batch.tokens", "{token}", "Token positions in one batch, while several jobs ran.", advice: MetricBuckets.Positions);
    }

    /// <summary>Passes per batch; 1 if there were none.</summary>
    public double PassesPerBatch => Volatile.Read(ref _batches) is > 0 and var batches ? (double)Volatile.Read(ref _passes) / batches : 1;

    /// <summary>The name of a method in labels and attributes.</summary>
    public static string NameOf(MethodParameters method) => Names[method.GetType()];

    /// <summary>Records the number of passes so far and of the batches that they ran in.</summary>
    public void NoteBatches(long passes, long batches)
    {
        Volatile.Write(ref _passes, passes);
        Volatile.Write(ref _batches, batches);
    }

    /// <summary>Records one batch.</summary>
    /// <param name="passes">Passes in it, each of another job.</param>
    /// <param name="tokens">Their token positions.</param>
    public void RecordBatch(int passes, long tokens)
    {
        _passesOfBatch.Record(passes, _pair);
        _positionsOfBatch.Record(tokens, _pair);
    }

    /// <summary>Records how long a job waited.</summary>
    public void RecordWait(TimeSpan wait) => _queueWait.Record(wait.TotalSeconds, _pair);

    /// <summary>Records how long a job took to its first scored draft, from its submission.</summary>
    public void RecordDraft(MethodParameters method, TimeSpan elapsed)
    {
        if (_draft.Enabled)
        {
            _draft.Record(elapsed.TotalSeconds, Tags(new Tag(MethodTag, NameOf(method))));
        }
    }

    /// <summary>Records one iteration.</summary>
    public void RecordIteration(MethodParameters method, TimeSpan duration)
    {
        if (_iteration.Enabled)
        {
            _iteration.Record(duration.TotalSeconds, Tags(new Tag(MethodTag, NameOf(method))));
        }
    }

    /// <summary>Records scored pairs.</summary>
    public void CountPairs(int pairs) => _pairs.Add(pairs, _pair);

    /// <summary>Records an alignment that ended with an answer: what it took and what it gained.</summary>
    public void RecordCompletion(AlignmentTask task, AlignmentOutcome outcome)
    {
        if (!_completed.Enabled)
        {
            return;
        }

        TagList method = Tags(new Tag(MethodTag, NameOf(task.Method)));
        AlignmentCost cost = outcome.Cost;
        TagList ended = Tags(new Tag("stop_reason", Name(outcome.StopReason)));
        ended.Add(method[0]);
        _completed.Add(1, ended);
        _iterations.Record(outcome.IterationsRun, method);
        _promptTokens.Add(task.Prompt.Policy.Count, method);
        _responseTokens.Add(outcome.Response.Tokens.Count, method);
        _reused.Add(cost.ReusedTokens, method);
        AddTokens(method, "policy", cost.PolicyTokens - cost.PolicyBackwardTokens, cost.PolicyBackwardTokens);
        AddTokens(method, "reward", cost.RewardTokens - cost.RewardBackwardTokens, cost.RewardBackwardTokens);
        if (outcome.Draft.IsScored && outcome.Response.IsScored)
        {
            _energy.Record(outcome.Draft.Energy - outcome.Response.Energy, method);
            _reward.Record(outcome.Response.Reward - outcome.Draft.Reward, method);
        }
    }

    /// <summary>Counts a job that ended without an answer.</summary>
    /// <param name="method">Its method; null for a Score call.</param>
    /// <param name="failure">Why.</param>
    public void CountFailure(MethodParameters? method, Exception failure)
    {
        if (_failed.Enabled)
        {
            TagList tags = Tags(new Tag("error", failure.GetType().Name));
            tags.Add(new Tag(MethodTag, method is null ? Score : NameOf(method)));
            _failed.Add(1, tags);
        }
    }

    /// <summary>Ends the gauges, and disposes the meter, unless a factory owns it.</summary>
    public void Dispose()
    {
        _gauges.Dispose();
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }

    private static string Name(StopReason reason) => Enum.GetName(reason)!;

    private TagList Tags(Tag tag) => _pair.Length == 0 ? new TagList([tag]) : new TagList([tag, _pair[0]]);

    private void AddTokens(TagList method, string model, long forward, long backward)
    {
        method.Add(new Tag("model", model));
        TagList reading = method;
        reading.Add(new Tag("pass", "forward"));
        _tokens.Add(forward, reading);
        method.Add(new Tag("pass", "backward"));
        _tokens.Add(backward, method);
    }

    private Histogram<double> Seconds(string name, string description, InstrumentAdvice<double> buckets) =>
        _meter.CreateHistogram(name, "s", description, advice: buckets);
}
