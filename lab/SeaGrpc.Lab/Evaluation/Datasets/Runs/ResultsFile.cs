using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SeaGrpc.Cli;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>
/// Results as JSON lines, one per row and method, on the disk before the next one begins. Opened again it knows what is done: a line that
/// a killed process left unfinished is cut off. One process at a time.
/// </summary>
internal sealed class ResultsFile : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
    };

    private readonly ResumableLines _lines;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string, string, ulong, string), RowResult> _results = [];

    private ResultsFile(ResumableLines lines) => _lines = lines;

    /// <summary>Opens or creates a file, and compares its settings with those of this run.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">Settings of every method of this run.</param>
    /// <exception cref="CliException">It is in use, is not a results file, or holds results of other settings; the message says what
    /// differs.</exception>
    public static ResultsFile Open(string path, IReadOnlyList<RunSettings> settings)
    {
        ResumableLines lines = OpenLines(path);
        try
        {
            var file = new ResultsFile(lines);
            file.Read(path, settings);
            return file;
        }
        catch
        {
            lines.Dispose();
            throw;
        }
    }

    /// <summary>Everything that it has: the newest line of every key.</summary>
    public IReadOnlyList<RowResult> Results
    {
        get
        {
            lock (_gate)
            {
                return [.. _results.Values];
            }
        }
    }

    /// <summary>What is known of a row: the newest line with its key; null if there is none.</summary>
    public RowResult? Find(RowResult like)
    {
        lock (_gate)
        {
            return _results.GetValueOrDefault(like.Key);
        }
    }

    /// <summary>Appends a result and waits until it is on the disk.</summary>
    public void Append(RowResult result)
    {
        lock (_gate)
        {
            Write(new Entry { Result = result });
            _results[result.Key] = result;
        }
    }

    public void Dispose() => _lines.Dispose();

    private static ResumableLines OpenLines(string path)
    {
        try
        {
            return new ResumableLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The results file {path} cannot be opened: {error.Message}", ExitCodes.Failure, error);
        }
    }

    private void Read(string path, IReadOnlyList<RunSettings> settings)
    {
        List<RunSettings> earlier = [];
        int number = 0;
        foreach (string line in _lines.Earlier)
        {
            Entry entry = Parse(path, ++number, line);
            if (entry.Settings is { } found)
            {
                earlier.Add(found);
            }
            else if (entry.Result is { } result)
            {
                _results[result.Key] = result;
            }
        }

        Compare(path, earlier, settings);
        foreach (RunSettings added in settings.Where(setting => earlier.All(other => other.Hash != setting.Hash)))
        {
            Write(new Entry { Settings = added });
        }
    }

    private static Entry Parse(string path, int number, string line)
    {
        try
        {
            Entry? entry = JsonSerializer.Deserialize<Entry>(line, Json);
            return entry is { Settings: not null } or { Result: not null }
                ? entry
                : throw new JsonException("neither settings nor a result");
        }
        catch (JsonException error)
        {
            throw new CliException(
                $"{path}:{number} is not a line of a results file: name another file with --out. ({error.Message})", ExitCodes.Failure,
                error);
        }
    }

    private static void Compare(string path, IReadOnlyList<RunSettings> earlier, IReadOnlyList<RunSettings> settings)
    {
        string[] differences = [.. settings.SelectMany(setting => earlier.SelectMany(setting.Differences)).Distinct()];
        if (differences.Length > 0)
        {
            throw new CliException(
                $"{path} holds results of other settings. Name another file with --out, or give the same settings:\n  "
                    + $"{string.Join("\n  ", differences)}",
                ExitCodes.Failure);
        }
    }

    private void Write(Entry entry) => _lines.Append(JsonSerializer.Serialize(entry, Json));

    /// <summary>One line: the settings of a method, or a result.</summary>
    private sealed record Entry
    {
        public RunSettings? Settings { get; init; }

        public RowResult? Result { get; init; }
    }
}
