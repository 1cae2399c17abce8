using System.IO.Pipelines;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// A body whose reader may fail between reading and advancing, as the gRPC-Web reader does at invalid base64. Without this class the server
/// could not drain such a body.
/// </summary>
/// <param name="inner">The body.</param>
internal sealed class SettledReader(PipeReader inner) : PipeReader
{
    private ReadResult? _open;

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult result = await inner.ReadAsync(cancellationToken);
        _open = result;
        return result;
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        bool isRead = inner.TryRead(out result);
        _open = isRead ? result : _open;
        return isRead;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _open = null;
        inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>Completes a read that was interrupted.</summary>
    public void Settle()
    {
        if (_open is { } result)
        {
            AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
