using SeaGrpc.Lab.Evaluation.Datasets;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>A file of preference pairs, one JSON object a line (<see cref="PreferenceLine"/>). Blank lines are left out.</summary>
internal static class PreferenceFile
{
    private const int MostFaultsShown = 5;

    /// <summary>Reads all pairs.</summary>
    /// <exception cref="DatasetException">The file cannot be read, has no pairs, or some lines are no pairs; the message names
    /// the lines and says what to change.</exception>
    public static IReadOnlyList<PreferencePair> Load(string path)
    {
        List<PreferencePair> pairs = [];
        List<string> faults = [];
        foreach ((int index, string line) in Text(path).Split('\n').Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                pairs.Add(PreferenceLine.Parse(line, index + 1));
            }
            catch (InvalidDataException error)
            {
                faults.Add(Fault(path, index + 1, error.Message));
            }
        }

        ThrowIfAny(faults);
        return pairs.Count > 0 ? pairs : throw new DatasetException($"{path} has no pairs; write one JSON object a line.");
    }

    /// <summary>What is wrong with a line, for people.</summary>
    public static string Fault(string path, int line, string problem) => $"{path}:{line}: {problem}.";

    /// <summary>Throws if there are faults; the message has the first ones.</summary>
    public static void ThrowIfAny(IReadOnlyList<string> faults)
    {
        if (faults.Count > 0)
        {
            string more = faults.Count > MostFaultsShown ? $"\n... and {faults.Count - MostFaultsShown} more lines." : "";
            throw new DatasetException(string.Join('\n', faults.Take(MostFaultsShown)) + more);
        }
    }

    private static string Text(string path)
    {
        try
        {
            return DatasetText.Decode(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{path} cannot be read: {error.Message}", error);
        }
    }
}
