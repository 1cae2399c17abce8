using Grpc.Core;
using SeaGrpc.Server.OpenAi.Replies;
using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Calls;

/// <summary>Receives the events of one answer's alignment: passes steps on and keeps the start and the end.</summary>
internal sealed class AnswerStream(int answer, IReply reply) : IServerStreamWriter<StreamAlignResponse>
{
    /// <summary>How the alignment started; null before that.</summary>
    public AlignmentStarted? Started { get; private set; }

    /// <summary>How it ended; null before that.</summary>
    public AlignmentFinal? Final { get; private set; }

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(StreamAlignResponse message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(StreamAlignResponse message, CancellationToken cancellationToken)
    {
        Started = message.Started ?? Started;
        Final = message.Final ?? Final;
        return message.Final is null ? reply.TellAsync(answer, message, cancellationToken) : Task.CompletedTask;
    }
}
