using System.Collections.Concurrent;
using Grpc.Core;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Replay;

/// <summary>Answers every alignment with one recording.</summary>
internal sealed class ReplayService(IReadOnlyList<StreamAlignResponse> recording, TimeSpan pause) : AlignmentService.AlignmentServiceBase
{
    private readonly ConcurrentDictionary<(string Id, object Call), CancellationTokenSource> _running = [];

    public override async Task StreamAlign(
        StreamAlignRequest request, IServerStreamWriter<StreamAlignResponse> responseStream, ServerCallContext context)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        foreach (var id in Ids(request))
        {
            _running[(id, request)] = cancelled;
        }

        try
        {
            var sequence = 0;
            foreach (var next in recording.Where(next => !cancelled.IsCancellationRequested || next.Final is not null))
            {
                // A run that was cancelled goes on with its end, and the numbers without a gap.
                await responseStream.WriteAsync(new StreamAlignResponse(next) { Sequence = sequence++ }, context.CancellationToken);
                await Task.Delay(pause, cancelled.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            foreach (var id in Ids(request))
            {
                _running.TryRemove((id, request), out _);
            }
        }
    }

    public override Task<AlignResponse> Align(AlignRequest request, ServerCallContext context) => Task.FromResult(new AlignResponse
    {
        Started = recording.FirstOrDefault(next => next.Started is not null)?.Started,
        Final = recording.First(next => next.Final is not null).Final,
    });

    /// <summary>Skips to the recording's end.</summary>
    public override Task<CancelAlignmentResponse> CancelAlignment(CancelAlignmentRequest request, ServerCallContext context)
    {
        var id = request.HasAlignmentId ? request.AlignmentId : request.RequestId;
        CancellationTokenSource[] found = [.. _running.Where(entry => entry.Key.Id == id).Select(entry => entry.Value)];
        foreach (var cancelled in found)
        {
            cancelled.Cancel();
        }

        return Task.FromResult(new CancelAlignmentResponse { Cancelled = found.Length > 0 });
    }

    public override Task<ScoreResponse> Score(ScoreRequest request, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, "A replay has no models and cannot score."));

    private IEnumerable<string> Ids(StreamAlignRequest request) => new[]
    {
        request.Spec?.RequestId, recording.FirstOrDefault(next => next.Started is not null)?.Started.AlignmentId,
    }.OfType<string>().Where(id => id.Length > 0);
}
