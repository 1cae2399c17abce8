using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>What an alignment's events have reported so far.</summary>
internal sealed class AlignmentTrace
{
    private readonly List<TracePoint> _points = [];
    private ScoredResponse? _best;

    /// <summary>The run's start; null while it waits.</summary>
    public AlignmentStarted? Started { get; private set; }

    /// <summary>The draft that the answer is compared with; null before it is there.</summary>
    public ScoredResponse? Draft { get; private set; }

    /// <summary>The newest iteration; null before the first.</summary>
    public AlignmentIteration? Iteration { get; private set; }

    /// <summary>The best prefix of a search that is under way; null if none is.</summary>
    public LeadingPrefix? Leading { get; private set; }

    /// <summary>The end; null before it.</summary>
    public AlignmentFinal? Final { get; private set; }

    /// <summary>Place in the queue, 1 the next to start; null if it need not wait.</summary>
    public int? QueuePosition { get; private set; }

    /// <summary>The draft as point 0, then every reported iteration.</summary>
    public IReadOnlyList<TracePoint> Points => _points;

    /// <summary>The best response so far; null before the draft.</summary>
    public ScoredResponse? Best => Final?.Response ?? _best ?? Draft;

    /// <summary>Takes in one event.</summary>
    public void Add(StreamAlignResponse message)
    {
        switch (message.EventCase)
        {
            case StreamAlignResponse.EventOneofCase.Queued:
                QueuePosition = message.Queued.Position;
                break;
            case StreamAlignResponse.EventOneofCase.Started:
                Started = message.Started;
                break;
            case StreamAlignResponse.EventOneofCase.Draft:
                Draft = message.Draft.Best;
                _points.Add(TracePoint.Of(0, message.Draft.Best, message.Draft.Chains));
                break;
            case StreamAlignResponse.EventOneofCase.Iteration:
                Iteration = message.Iteration;
                _best = message.Iteration.Best;
                Leading = message.Iteration.LeadingPrefix;
                _points.Add(TracePoint.Of(message.Iteration.Index, message.Iteration.Best, message.Iteration.Chains));
                break;
            case StreamAlignResponse.EventOneofCase.Progress:
                _best = message.Progress.Best;
                Leading = message.Progress.LeadingPrefix;
                break;
            case StreamAlignResponse.EventOneofCase.Final:
                Final = message.Final;
                break;
        }
    }
}
