namespace SeaGrpc.Server.Intake;

/// <summary>Reads a stream on, counts its bytes and keeps the last four.</summary>
internal sealed class TailStream(Stream inner) : ReadOnlyStream
{
    private readonly byte[] _last = new byte[4];

    /// <summary>How many bytes have been read.</summary>
    public long Count { get; private set; }

    /// <summary>The last four bytes that were read, the last one last.</summary>
    public ReadOnlySpan<byte> Last => _last;

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        Count += read;
        ReadOnlySpan<byte> end = buffer[Math.Max(0, read - _last.Length)..read];
        _last.AsSpan(end.Length).CopyTo(_last);
        end.CopyTo(_last.AsSpan(_last.Length - end.Length));
        return read;
    }

    /// <summary>Reads what is left, which nobody wants.</summary>
    public void Drain()
    {
        Span<byte> rest = stackalloc byte[256];
        while (Read(rest) > 0)
        {
        }
    }

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
