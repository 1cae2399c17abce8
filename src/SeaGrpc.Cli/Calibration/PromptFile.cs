using System.Text.Json;

namespace SeaGrpc.Cli.Calibration;

/// <summary>Reads prompts from a file: one a line, as text, or as JSON where the file's name ends in <c>.jsonl</c>.</summary>
internal static class PromptFile
{
    /// <summary>The first prompts of a file; empty lines are passed over.</summary>
    /// <param name="path">The file. A JSON line is a string or an object with a string <c>prompt</c>.</param>
    /// <param name="count">How many at most.</param>
    /// <exception cref="CliException">There is no such file, it holds no prompt, or a line is not as it should be.</exception>
    public static IReadOnlyList<string> Read(string path, int count)
    {
        if (!File.Exists(path))
        {
            throw new CliException($"There is no file {path}.", ExitCodes.Usage);
        }

        bool isJson = path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
        string[] prompts = [.. File.ReadLines(path)
            .Select((line, index) => (Line: line.Trim(), Number: index + 1))
            .Where(entry => entry.Line.Length > 0)
            .Select(entry => isJson ? FromJson(entry.Line, path, entry.Number) : entry.Line)
            .Take(count)];
        return prompts.Length > 0 ? prompts : throw new CliException($"{path} has no prompts: write one per line.", ExitCodes.Usage);
    }

    private static string FromJson(string line, string path, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var value =
                document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("prompt", out var prompt)
                    ? prompt
                    : document.RootElement;
            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }
        catch (JsonException error)
        {
            throw new CliException($"{path}, line {number}: not valid JSON: {error.Message}", ExitCodes.Usage, error);
        }

        throw new CliException($"{path}, line {number}: write a JSON string, or an object with a string \"prompt\".", ExitCodes.Usage);
    }
}
