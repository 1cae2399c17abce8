using System.Text.Json;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Partial results: one JSON line per finished answer, so that an interrupted evaluation goes on where it was. Thread-safe.</summary>
internal sealed class AnswerLog : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, AnswerRecord> records = [];
    private readonly StreamWriter writer;

    /// <summary>Opens a file and reads what it holds; a line that was cut short is left out.</summary>
    /// <param name="path">The file; made where it is missing.</param>
    /// <param name="fresh">Whether to forget what it holds.</param>
    public AnswerLog(string path, bool fresh = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!fresh && File.Exists(path))
        {
            foreach (string line in File.ReadLines(path))
            {
                if (Read(line) is { } record)
                {
                    records[record.Key] = record;
                }
            }
        }

        bool torn = !fresh && EndsInsideLine(path);
        writer = new StreamWriter(path, append: !fresh) { AutoFlush = true };
        if (torn)
        {
            writer.WriteLine();
        }
    }

    /// <summary>A finished answer, or null.</summary>
    public AnswerRecord? Find(string key)
    {
        lock (gate)
        {
            return records.GetValueOrDefault(key);
        }
    }

    /// <summary>Writes one down.</summary>
    public void Add(AnswerRecord record)
    {
        string line = JsonSerializer.Serialize(record, ResultJson.Line);
        lock (gate)
        {
            records[record.Key] = record;
            writer.WriteLine(line);
        }
    }

    public void Dispose() => writer.Dispose();

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

    private static bool EndsInsideLine(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream file = File.OpenRead(path);
        if (file.Length == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }
}
