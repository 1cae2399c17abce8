using SeaGrpc.V1;

namespace SeaGrpc.Client;

/// <summary>What an alignment that may stop early has come to.</summary>
public sealed record EarlyAnswer
{
    /// <summary>The best answer so far, or the final one.</summary>
    public ScoredResponse? Response { get; private init; }

    /// <summary>The draft that it is compared with.</summary>
    public ScoredResponse? Draft { get; private init; }

    /// <summary>The last iteration that was heard of; 0 is the draft.</summary>
    public int Iteration { get; private init; }

    /// <summary>How the run ended by itself; null where it was stopped.</summary>
    public AlignmentFinal? Final { get; private init; }

    internal EarlyAnswer With(StreamAlignResponse next) => next.EventCase switch
    {
        StreamAlignResponse.EventOneofCase.Draft => this with { Response = next.Draft.Best, Draft = next.Draft.Best },
        StreamAlignResponse.EventOneofCase.Iteration => this with { Response = next.Iteration.Best, Iteration = next.Iteration.Index },
        StreamAlignResponse.EventOneofCase.Final =>
            this with { Response = next.Final.Response, Draft = next.Final.Draft, Final = next.Final },
        _ => this,
    };
}
