using System.Text;

namespace SeaGrpc.Lab.Evaluation;

/// <summary>
/// A file of lines that a run can resume from. Each line is on the disk before the next one begins; a line that a killed process left
/// unfinished counts as not written. One process and one thread at a time.
/// </summary>
internal sealed class ResumableLines : IDisposable
{
    private readonly FileStream _stream;
    private readonly int _whole;
    private bool _isCut;

    /// <summary>Opens a file and reads its complete lines; the file does not change before the first <see cref="Append"/>.</summary>
    /// <param name="path">The file; created if it is missing, with its folder.</param>
    /// <param name="fresh">Whether to discard its content.</param>
    public ResumableLines(string path, bool fresh = false)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        _stream = new FileStream(path, fresh ? FileMode.Create : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var bytes = new byte[_stream.Length];
            _stream.ReadExactly(bytes);
            _whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
            Earlier = Encoding.UTF8.GetString(bytes, 0, _whole).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The whole lines that were there when it was opened, empty ones left out.</summary>
    public IReadOnlyList<string> Earlier { get; }

    /// <summary>Writes a line and waits until it is on the disk.</summary>
    public void Append(string line)
    {
        if (!_isCut)
        {
            _stream.SetLength(_whole);
            _stream.Position = _whole;
            _isCut = true;
        }

        _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _stream.Dispose();
}
