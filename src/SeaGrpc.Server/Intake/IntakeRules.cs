using System.Buffers;
using Google.Protobuf.Reflection;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Intake;

/// <summary>What the request body of one RPC may be.</summary>
/// <param name="MaxMessageBytes">Longest message in bytes.</param>
/// <param name="IsSingle">Whether it is exactly one message.</param>
/// <param name="Type">The message's type, where its fields' sizes are checked.</param>
/// <param name="Sizes">What they may be.</param>
/// <param name="Inbound">Counts what is held.</param>
/// <param name="Preparation">Where whole messages wait until something is made of them.</param>
internal sealed record IntakeRules(
    int MaxMessageBytes, bool IsSingle, MessageDescriptor? Type, FieldSizes Sizes, InboundBytes Inbound, PreparationGate Preparation)
{
    /// <exception cref="Grpc.Core.RpcException">A field is far larger than it may be: INVALID_ARGUMENT.</exception>
    public void ThrowIfTooLarge(ReadOnlySequence<byte> message, MessageDescriptor type)
    {
        if (MessageScan.Excess(message, type, Sizes) is { } excess)
        {
            throw Errors.ErrorMapping.TryMap(new InvalidRequestException([excess]))!;
        }
    }
}
