using SeaGrpc.V1;

namespace SeaGrpc.Client;

/// <summary>
/// When an alignment has gone on long enough. The stream is then cancelled, which frees the device, and the best answer so far counts.
/// </summary>
public sealed class EarlyStop
{
    private readonly Func<ScoredResponse, bool> _isGoodEnough;
    private readonly TimeSpan? _patience;

    private EarlyStop(Func<ScoredResponse, bool> isGoodEnough, TimeSpan? patience)
    {
        _isGoodEnough = isGoodEnough;
        _patience = patience;
    }

    /// <summary>Stops when the best answer so far has a reward above this, in the reward model's units.</summary>
    public static EarlyStop WhenRewardPasses(double reward) => new(best => best.Reward > reward, null);

    /// <summary>Stops after this time, or as soon as there is an answer where there is none by then.</summary>
    public static EarlyStop After(TimeSpan patience) => new(_ => false, patience);

    /// <summary>Stops when the best answer so far is good enough.</summary>
    public static EarlyStop When(Func<ScoredResponse, bool> isGoodEnough) => new(isGoodEnough, null);

    /// <summary>Stops when either says so.</summary>
    public EarlyStop Or(EarlyStop other) => new(
        best => _isGoodEnough(best) || other._isGoodEnough(best),
        _patience is { } mine && other._patience is { } theirs ? (mine < theirs ? mine : theirs) : _patience ?? other._patience);

    internal async Task<EarlyAnswer> RunAsync(
        Func<AlignmentSpec, CancellationToken, IAsyncEnumerable<StreamAlignResponse>> stream,
        AlignmentSpec spec,
        CancellationToken cancellation
    )
    {
        AlignmentSpec sent = spec.Clone();
        (sent.Updates ??= new UpdateOptions()).IncludeText = true;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var answer = new EarlyAnswer();
        using var patience = new CancellationTokenSource(_patience ?? Timeout.InfiniteTimeSpan);
        await using CancellationTokenRegistration timer = patience.Token.Register(() =>
        {
            if (Volatile.Read(ref answer).Response is not null)
            {
                ended.Cancel();
            }
        });
        try
        {
            await foreach (StreamAlignResponse next in stream(sent, ended.Token).ConfigureAwait(false))
            {
                Volatile.Write(ref answer, answer.With(next));
                if (answer.Final is not null)
                {
                    return answer;
                }

                if (answer.Response is { } best && (patience.IsCancellationRequested || _isGoodEnough(best)))
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // Time is up: what is there is the answer.
        }

        return answer;
    }
}
