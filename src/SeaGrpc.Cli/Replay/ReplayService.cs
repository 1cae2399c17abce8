using Grpc.Core;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Replay;

/// <summary>Answers every alignment with one recording.</summary>
internal sealed class ReplayService(IReadOnlyList<StreamAlignResponse> recording, TimeSpan pause) : AlignmentService.AlignmentServiceBase
{
    public override async Task StreamAlign(StreamAlignRequest request, IServerStreamWriter<StreamAlignResponse> responseStream, ServerCallContext context)
    {
        foreach (StreamAlignResponse next in recording)
        {
            await responseStream.WriteAsync(next, context.CancellationToken);
            await Task.Delay(pause, context.CancellationToken);
        }
    }

    public override Task<AlignResponse> Align(AlignRequest request, ServerCallContext context) => Task.FromResult(new AlignResponse
    {
        Started = recording.FirstOrDefault(next => next.Started is not null)?.Started,
        Final = recording.First(next => next.Final is not null).Final,
    });
}
