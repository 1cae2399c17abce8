using Microsoft.Extensions.Options;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Intake;

/// <summary>Bytes that long requests hold: of their messages, and of the tokens that became of them; over all calls. Thread-safe.</summary>
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

    /// <summary>
    /// Takes bytes for others that were taken before, unless they are too many; a call that holds all that is held has them in any case.
    /// </summary>
    /// <param name="before">What was taken before.</param>
    /// <param name="bytes">What is needed instead.</param>
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
