using Microsoft.Extensions.Options;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Intake;

/// <summary>Bytes of long request messages that are being received, over all calls. Thread-safe.</summary>
internal sealed class InboundBytes(IOptions<TransportOptions> options)
{
    private long _held;

    /// <summary>Takes bytes, unless they are too many.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= options.Value.MaxInboundBytes)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _held, -bytes);
}
