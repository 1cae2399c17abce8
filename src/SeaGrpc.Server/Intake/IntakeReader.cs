using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Grpc.Core;
using SeaGrpc.Server.Errors;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// A call's request body before it reaches the gRPC library. Bodies that violate gRPC get the status that the contract defines, and bodies
/// that are too large are refused while they arrive. A complete message waits here until few others are being prepared. Its bytes are
/// counted until the call ends or reports what it keeps.
/// </summary>
/// <remarks>The library consumes whole messages, so every buffer begins with a message header.</remarks>
/// <param name="inner">The body.</param>
/// <param name="rules">What a body may be.</param>
/// <param name="aborted">Signals that the caller has disconnected.</param>
internal sealed class IntakeReader(PipeReader inner, IntakeRules rules, CancellationToken aborted)
    : PipeReader, IPreparation
{
    private const int HeaderBytes = 5;

    /// <summary>Messages up to this size are accepted as they arrive, and scanned once complete.</summary>
    public const int ShortBytes = 64 * 1024;

    /// <summary>Messages up to this size, uncompressed, are prepared without waiting. A typical conversation fits.</summary>
    public const int UsualBytes = 4 * 1024;

    private ReadOnlySequence<byte> _buffer;
    private long _nextScan = ShortBytes;
    private long _held;
    private bool _hasMessage;
    private SemaphoreSlim? _places;
    private SemaphoreSlim? _taken;

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            ReadResult result = Checked(await inner.ReadAsync(cancellationToken));
            await EnterAsync(result.Buffer, cancellationToken);
            return result;
        }
        catch (Exception failure) when (failure is not RpcException)
        {
            throw BodyFailure.Translate(failure, rules.MaxMessageBytes, aborted);
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
        {
            return false;
        }

        result = Checked(result);
        if (!NeedsPlace)
        {
            return true;
        }

        if (_places!.Wait(0))
        {
            _taken = _places;
            return true;
        }

        // The caller then continues with ReadAsync, which waits.
        AdvanceTo(result.Buffer.Start);
        result = default;
        return false;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_buffer.Slice(0, consumed).Length > 0)
        {
            _hasMessage = true;
            _nextScan = ShortBytes;
            if (!rules.IsSingle)
            {
                Release();
            }
        }

        _buffer = default;
        try
        {
            inner.AdvanceTo(consumed, examined);
        }
        catch (InvalidOperationException failure)
        {
            throw BodyFailure.Translate(failure, rules.MaxMessageBytes, aborted);
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        Release();
        inner.Complete(exception);
    }

    /// <inheritdoc/>
    public void Prepared(long? bytes = null)
    {
        LeavePreparation();
        if (bytes is not { } kept)
        {
            return;
        }

        long held = Math.Max(0, kept - ShortBytes);
        if (!rules.Inbound.TryExchange(_held, held))
        {
            throw ErrorMapping.InboundFull();
        }

        _held = held;
    }

    /// <summary>Reports that nothing is held any more.</summary>
    public void Release()
    {
        LeavePreparation();
        rules.Inbound.Release(Interlocked.Exchange(ref _held, 0));
    }

    /// <summary>Whether a complete message above the usual size has arrived and has no place for its preparation yet.</summary>
    private bool NeedsPlace => _places is not null && _taken is null;

    private async ValueTask EnterAsync(ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        if (!NeedsPlace)
        {
            return;
        }

        try
        {
            using var given = CancellationTokenSource.CreateLinkedTokenSource(aborted, cancellationToken);
            await _places!.WaitAsync(given.Token);
            _taken = _places;
        }
        catch
        {
            inner.AdvanceTo(buffer.Start, buffer.End);
            throw;
        }
    }

    private void LeavePreparation()
    {
        _places = null;
        Interlocked.Exchange(ref _taken, null)?.Release();
    }

    private ReadResult Checked(ReadResult result)
    {
        try
        {
            Check(result.Buffer, result.IsCompleted);
        }
        catch (RpcException)
        {
            inner.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            throw;
        }

        _buffer = result.Buffer;
        return result;
    }

    private void Check(ReadOnlySequence<byte> buffer, bool isCompleted)
    {
        if (rules.IsSingle && _hasMessage && buffer.Length > 0)
        {
            throw TooMany();
        }

        if (rules.IsSingle && !_hasMessage && isCompleted && buffer.Length == 0)
        {
            throw ErrorMapping.Malformed("The request has no message; this RPC takes one, which may be empty.");
        }

        if (buffer.Length >= HeaderBytes)
        {
            CheckMessage(buffer, isCompleted);
        }
        else if (buffer.Length > 0 && isCompleted)
        {
            throw ErrorMapping.Malformed($"The request ends within a message's header of {HeaderBytes} bytes.");
        }
    }

    private void CheckMessage(ReadOnlySequence<byte> buffer, bool isCompleted)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        if (header[0] > 1)
        {
            throw ErrorMapping.Malformed($"A message's compressed flag must be 0 or 1, but is {header[0]}.");
        }

        long length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > rules.MaxMessageBytes)
        {
            throw ErrorMapping.MessageTooLong(rules.MaxMessageBytes, $"{length} bytes");
        }

        long there = buffer.Length - HeaderBytes;
        if (there >= length)
        {
            if (rules.IsSingle && there > length)
            {
                throw TooMany();
            }

            Hold(length);
            bool isCompressed = header[0] == 1;
            _places = rules.Type is not null && (length > UsualBytes || isCompressed)
                ? rules.Preparation.PlacesFor(isCompressed ? rules.MaxMessageBytes : length)
                : null;
            return;
        }

        if (isCompleted)
        {
            throw ErrorMapping.Malformed($"The request ends after {there} of its message's {length} bytes.");
        }

        Hold(there);
        if (header[0] == 0 && rules.Type is { } type && there >= _nextScan)
        {
            _nextScan = 2 * there;
            rules.ThrowIfTooLarge(buffer.Slice(HeaderBytes), type);
        }
    }

    private static RpcException TooMany() => ErrorMapping.Malformed("The request has more than one message; this RPC takes one.");

    private void Hold(long bytes)
    {
        long more = bytes - ShortBytes - _held;
        if (more <= 0)
        {
            return;
        }

        if (!rules.Inbound.TryTake(more))
        {
            throw ErrorMapping.InboundFull();
        }

        _held += more;
    }
}
