using System.Text;

namespace SeaGrpc.Server.Logging;

/// <summary>
/// Writes lines to a stream from a thread of its own, so that logging never waits for the reader. If the reader falls behind, a limited
/// number of lines waits. Further lines are dropped and counted, and the count is written in their place as soon as the reader has caught
/// up. Thread-safe.
/// </summary>
internal sealed class LogPipe
{
    /// <summary>Maximum number of characters that wait, regardless of the number of lines.</summary>
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

    /// <param name="output">Receives the bytes, in UTF-8. May block.</param>
    /// <param name="maxLines">Maximum number of lines that wait; at least 1.</param>
    /// <param name="describeDropped">Formats the line that says how many lines were dropped.</param>
    public LogPipe(Stream output, int maxLines, Func<long, string> describeDropped)
    {
        _output = output;
        _maxLines = maxLines;
        _describeDropped = describeDropped;
        _writer = new Thread(Run) { Name = "sea-log", IsBackground = true };
        _writer.Start();
    }

    /// <summary>Adds a line, including its line end. Never waits for the stream.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            // Once a line is dropped, the following ones are dropped too until the count is written, so that lines stay in order.
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

    /// <summary>Ends when all lines are written, or after the given time.</summary>
    /// <returns>Number of lines that were lost without being reported.</returns>
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
                Failed(); // A full disk, for example, may have room later.
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
