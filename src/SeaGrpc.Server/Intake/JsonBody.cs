using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// The body of a JSON request, with the limits of an RPC's message: its size, the bytes that all requests hold together, and the place
/// that a long one waits for before it is parsed. Dispose it when the request has ended.
/// </summary>
/// <param name="context">The request.</param>
/// <param name="mostBytes">Maximum size in bytes.</param>
/// <param name="inbound">Counts the bytes that are held.</param>
/// <param name="preparation">Where long bodies wait before they are prepared.</param>
internal sealed class JsonBody(HttpContext context, int mostBytes, InboundBytes inbound, PreparationGate preparation)
    : IPreparation, IDisposable
{
    private long _held;
    private SemaphoreSlim? _taken;

    /// <summary>Reads the body to its end.</summary>
    /// <exception cref="RpcException">It is too long, there are too many long ones, or the caller has gone.</exception>
    public async Task<byte[]> ReadAsync()
    {
        CancellationToken aborted = context.RequestAborted;
        if (context.Request.ContentLength is { } told && told > mostBytes)
        {
            throw ErrorMapping.MessageTooLong(mostBytes, $"{told} bytes");
        }

        PipeReader reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync(aborted);
                SequencePosition consumed = result.Buffer.End; // Also after a failure: Kestrel reads the rest.
                try
                {
                    long length = result.Buffer.Length;
                    if (length > mostBytes)
                    {
                        throw ErrorMapping.MessageTooLong(mostBytes, "more");
                    }

                    Hold(length);
                    if (result.IsCompleted)
                    {
                        await EnterAsync(length, aborted);
                        return result.Buffer.ToArray();
                    }

                    consumed = result.Buffer.Start;
                }
                finally
                {
                    reader.AdvanceTo(consumed, result.Buffer.End);
                }
            }
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw BodyFailure.Translate(failure, mostBytes, aborted);
        }
    }

    public void Prepared(long? bytes = null)
    {
        LeavePreparation();
        if (bytes is not { } kept)
        {
            return;
        }

        long held = Math.Max(0, kept - IntakeReader.ShortBytes);
        if (!inbound.TryExchange(_held, held))
        {
            throw ErrorMapping.InboundFull();
        }

        _held = held;
    }

    public void Dispose()
    {
        LeavePreparation();
        inbound.Release(Interlocked.Exchange(ref _held, 0));
    }

    private async Task EnterAsync(long length, CancellationToken aborted)
    {
        if (length > IntakeReader.UsualBytes)
        {
            SemaphoreSlim places = preparation.PlacesFor(length);
            await places.WaitAsync(aborted);
            _taken = places;
        }
    }

    private void LeavePreparation() => Interlocked.Exchange(ref _taken, null)?.Release();

    private void Hold(long bytes)
    {
        long more = bytes - IntakeReader.ShortBytes - _held;
        if (more > 0 && !inbound.TryTake(more))
        {
            throw ErrorMapping.InboundFull();
        }

        _held += Math.Max(0, more);
    }
}
