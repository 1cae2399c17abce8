using System.Diagnostics;
using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Observability;

/// <summary>
/// The spans of one job under the span of its call: its wait, then its draft and its iterations, or the scoring of its pairs. A job that
/// nobody traces has none. Times are noted while it runs, and the spans are made when it ends, because its threads are not its call's.
/// Thread-safe.
/// </summary>
internal sealed class JobSpans
{
    /// <summary>Most improvements that are events of the span of the iterations; later ones replace the last.</summary>
    public const int MostImprovements = 128;

    private readonly TimeProvider _time;
    private readonly ActivityContext _call;
    private readonly DateTimeOffset _submitted;
    private readonly Lock _gate = new();
    private readonly List<ActivityEvent> _improvements = [];
    private DateTimeOffset? _started;
    private DateTimeOffset? _drafted;
    private ScoredResponse? _draft;
    private ScoredResponse? _best;
    private int _iterations;
    private bool _isEnded;

    private JobSpans(ActivityContext call, TimeProvider time)
    {
        _time = time;
        _call = call;
        _submitted = time.GetUtcNow();
    }

    /// <summary>The spans of a job that is submitted now, if the call around it is traced; otherwise null.</summary>
    public static JobSpans? OfCurrentCall(TimeProvider time) =>
        Activity.Current is { IsAllDataRequested: true } call && call.Source.Name == SeaTelemetry.Name
            ? new JobSpans(call.Context, time)
            : null;

    /// <summary>The wait ends.</summary>
    public void Start() => Note(() => _started = _time.GetUtcNow());

    /// <summary>The drafts are scored.</summary>
    /// <param name="best">The one that the answer is compared with.</param>
    public void Draft(ScoredResponse best) => Note(() =>
    {
        _drafted = _time.GetUtcNow();
        _draft = _best = best;
    });

    /// <summary>An iteration has run.</summary>
    public void Iterate(IterationUpdate iteration) => Note(() =>
    {
        _iterations = iteration.Index;
        if (iteration.Best.Energy < (_best?.Energy ?? double.PositiveInfinity))
        {
            _best = iteration.Best;
            if (_improvements.Count == MostImprovements)
            {
                _improvements.RemoveAt(MostImprovements - 1);
            }

            _improvements.Add(new ActivityEvent("improvement", _time.GetUtcNow(), Tags(iteration)));
        }
    });

    /// <summary>The job has ended; makes the spans. Later calls do nothing.</summary>
    /// <param name="phase">What it does between its wait and its end, if it has no draft.</param>
    /// <param name="failure">Why it ends without an answer; null if it has one.</param>
    public void End(string phase, Exception? failure = null)
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
        }

        DateTimeOffset now = _time.GetUtcNow();
        Activity? around = Activity.Current;
        try
        {
            Make("queue", _submitted, _started ?? now, _started is null ? failure : null, _ => { });
            if (_started is { } started)
            {
                Make(phase, started, _drafted ?? now, _drafted is null ? failure : null, span => Describe(span, _draft));
            }

            if (_drafted is { } drafted && (_iterations > 0 || failure is not null))
            {
                Make("iterations", drafted, now, failure, DescribeIterations);
            }
        }
        finally
        {
            Activity.Current = around;
        }
    }

    /// <summary>Notes something, unless the job has ended: its threads may be a little behind.</summary>
    private void Note(Action note)
    {
        lock (_gate)
        {
            if (!_isEnded)
            {
                note();
            }
        }
    }

    private static ActivityTagsCollection Tags(IterationUpdate iteration) => new()
    {
        ["seagrpc.iteration"] = iteration.Index,
        ["seagrpc.energy"] = iteration.Best.Energy,
        ["seagrpc.reward"] = iteration.Best.Reward,
        ["seagrpc.log_probability"] = iteration.Best.LogProbability,
    };

    private static void Describe(Activity span, ScoredResponse? response)
    {
        if (response is { IsScored: true })
        {
            span.SetTag("seagrpc.energy", response.Energy);
            span.SetTag("seagrpc.reward", response.Reward);
        }
    }

    private void DescribeIterations(Activity span)
    {
        span.SetTag("seagrpc.iterations", _iterations);
        Describe(span, _best);
        _improvements.ForEach(improvement => span.AddEvent(improvement));
    }

    private void Make(string name, DateTimeOffset start, DateTimeOffset end, Exception? failure, Action<Activity> describe)
    {
        using Activity? span = SeaTelemetry.Spans.StartActivity(name, ActivityKind.Internal, _call, startTime: start);
        if (span is not null)
        {
            describe(span);
            if (failure is not null)
            {
                span.SetTag("error.type", failure.GetType().Name);
                span.SetStatus(ActivityStatusCode.Error, failure.Message);
            }

            span.SetEndTime(end.UtcDateTime);
        }
    }
}
