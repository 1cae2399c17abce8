using System.Text.Json;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>
/// Partial results: one JSON line per finished answer, so that an interrupted evaluation resumes where it was. Thread-safe.
/// </summary>
internal sealed class AnswerLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AnswerRecord> _records = [];
    private readonly ResumableLines _lines;

    /// <summary>Opens a file and reads what it holds; lines that are not answers are skipped.</summary>
    /// <param name="path">The file; created if it is missing.</param>
    /// <param name="fresh">Whether to discard its content.</param>
    public AnswerLog(string path, bool fresh = false)
    {
        _lines = new ResumableLines(path, fresh);
        foreach (AnswerRecord record in _lines.Earlier.Select(Read).OfType<AnswerRecord>())
        {
            _records[record.Key] = record;
        }
    }

    /// <summary>A finished answer, or null.</summary>
    public AnswerRecord? Find(string key)
    {
        lock (_gate)
        {
            return _records.GetValueOrDefault(key);
        }
    }

    /// <summary>Appends one.</summary>
    public void Add(AnswerRecord record)
    {
        string line = JsonSerializer.Serialize(record, ResultJson.Line);
        lock (_gate)
        {
            _records[record.Key] = record;
            _lines.Append(line);
        }
    }

    public void Dispose() => _lines.Dispose();

    private static AnswerRecord? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<AnswerRecord>(line, ResultJson.Line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
