using System.Buffers;
using Google.Protobuf.Reflection;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Intake;

/// <summary>What the request body of one RPC may be.</summary>
/// <param name="MaxMessageBytes">Maximum message size in bytes.</param>
/// <param name="IsSingle">Whether the body must be exactly one message.</param>
/// <param name="Type">The type of the message, if the sizes of its fields are checked.</param>
/// <param name="Sizes">Size limits of the fields.</param>
/// <param name="Inbound">Counts the bytes that are held.</param>
/// <param name="Preparation">Where complete messages wait before they are prepared.</param>
internal sealed record IntakeRules(
    int MaxMessageBytes, bool IsSingle, MessageDescriptor? Type, FieldSizes Sizes, InboundBytes Inbound, PreparationGate Preparation)
{
    /// <exception cref="Grpc.Core.RpcException">A field far exceeds its limit: INVALID_ARGUMENT.</exception>
    public void ThrowIfTooLarge(ReadOnlySequence<byte> message, MessageDescriptor type)
    {
        if (MessageScan.Excess(message, type, Sizes) is { } excess)
        {
            throw Errors.ErrorMapping.TryMap(new InvalidRequestException([excess]))!;
        }
    }
}
