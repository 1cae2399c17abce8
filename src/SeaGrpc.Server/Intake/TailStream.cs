namespace SeaGrpc.Server.Intake;

/// <summary>Passes a stream through, counts its bytes and keeps the last four.</summary>
internal sealed class TailStream(Stream inner) : ReadOnlyStream
{
    private readonly byte[] _last = new byte[4];

    /// <summary>Number of bytes read.</summary>
    public long Count { get; private set; }

    /// <summary>The last four bytes read, in order.</summary>
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

    /// <summary>Reads and discards the rest.</summary>
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
