using Microsoft.Extensions.Options;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Intake;

/// <summary>Counts the bytes that long requests hold over all calls: their messages, and the tokens made from them. Thread-safe.</summary>
internal sealed class InboundBytes(IOptions<TransportOptions> options)
{
    private long _held;

    /// <summary>Takes bytes if they fit.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= options.Value.MaxInboundBytes)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>
    /// Replaces bytes that were taken before with others, if they fit. A call that holds everything that is held always succeeds.
    /// </summary>
    /// <param name="before">Bytes taken before.</param>
    /// <param name="bytes">Bytes needed instead.</param>
    public bool TryExchange(long before, long bytes)
    {
        long after = Interlocked.Add(ref _held, bytes - before);
        if (bytes <= before || after <= options.Value.MaxInboundBytes || after == bytes)
        {
            return true;
        }

        Release(bytes - before);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _held, -bytes);
}
