using System.Text.Json;

namespace SeaGrpc.Lab.Evaluation.Embedded.Tuning;

/// <summary>The files of tuned settings: one document per world.</summary>
public static class TuningFiles
{
    /// <summary>The document's path.</summary>
    public static string PathOf(string folder, string world) => Path.Combine(folder, $"tuned-{world}.json");

    /// <summary>Reads a world's document, or null if there is none.</summary>
    /// <exception cref="InvalidDataException">It cannot be read; the message names the file.</exception>
    public static TuningRecord? Read(string folder, string world)
    {
        string path = PathOf(folder, world);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<TuningRecord>(File.ReadAllText(path), ResultJson.Document)
                ?? throw new InvalidDataException($"{path} is empty: delete it and tune again.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} does not hold tuned settings ({error.Message}): delete it and tune again.", error);
        }
    }

    /// <summary>Writes a world's document.</summary>
    public static void Write(string folder, TuningRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        ResultJson.Write(PathOf(folder, record.World), record);
    }
}
