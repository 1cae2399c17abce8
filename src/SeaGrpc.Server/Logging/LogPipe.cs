using System.Text;

namespace SeaGrpc.Server.Logging;

/// <summary>
/// Writes lines to a stream from a thread of its own, so that nobody who logs ever waits for whoever reads them. Where the reader falls
/// behind, a bounded number of lines waits; those beyond are dropped and counted, and the count is written in their place as soon as the
/// reader has caught up. Thread-safe.
/// </summary>
internal sealed class LogPipe
{
    /// <summary>Characters that wait at most, however many lines they are.</summary>
    public const int MaxWaitingCharacters = 1 << 20;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Stream _output;
    private readonly int _maxLines;
    private readonly Func<long, string> _describeDropped;
    private readonly Thread _writer;
    private readonly Queue<string> _waiting = new();
    private readonly object _gate = new();
    private int _waitingCharacters;
    private long _dropped;
    private long _beingTold;
    private bool _isWriting;
    private bool _isClosed;
    private bool _isBroken;

    /// <param name="output">Takes the bytes, in UTF-8; may block.</param>
    /// <param name="maxLines">Lines that wait at most; at least 1.</param>
    /// <param name="describeDropped">Makes the line that tells how many were dropped.</param>
    public LogPipe(Stream output, int maxLines, Func<long, string> describeDropped)
    {
        _output = output;
        _maxLines = maxLines;
        _describeDropped = describeDropped;
        _writer = new Thread(Run) { Name = "sea-log", IsBackground = true };
        _writer.Start();
    }

    /// <summary>Adds a line, its end included; never waits for the stream.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            // Once one is dropped so are those that follow, until the count is told: lines never change places.
            if (_isClosed
                || _dropped > 0
                || (_waiting.Count > 0 && (_waiting.Count >= _maxLines || _waitingCharacters + line.Length > MaxWaitingCharacters)))
            {
                _dropped++;
                return;
            }

            _waiting.Enqueue(line);
            _waitingCharacters += line.Length;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends it when all is written, or patience is over.</summary>
    /// <returns>Lines that were lost and have not been told of.</returns>
    public long Close(TimeSpan patience)
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }

        _writer.Join(patience);
        lock (_gate)
        {
            return _dropped + _waiting.Count + (_beingTold > 0 ? _beingTold : _isWriting ? 1 : 0);
        }
    }

    private void Run()
    {
        while (Next() is { } line)
        {
            try
            {
                _output.Write(Encoding.UTF8.GetBytes(line));
                _output.Flush();
                Wrote();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                Failed(); // A full disk, say: it may have room later.
            }
        }
    }

    private string? Next()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && _dropped == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            if (_isBroken)
            {
                return null;
            }

            if (_waiting.TryDequeue(out string? line))
            {
                _waitingCharacters -= line.Length;
            }
            else if (_dropped > 0)
            {
                line = _describeDropped(_dropped);
                (_beingTold, _dropped) = (_dropped, 0);
            }

            _isWriting = line is not null;
            return line;
        }
    }

    private void Wrote()
    {
        lock (_gate)
        {
            _isWriting = false;
            _beingTold = 0;
        }
    }

    private void Failed()
    {
        lock (_gate)
        {
            _isWriting = false;
            _dropped += Math.Max(1, _beingTold);
            _beingTold = 0;
            if (!_isClosed)
            {
                Monitor.Wait(_gate, RetryDelay);
            }

            _isBroken = _isClosed;
        }
    }
}
