using SeaGrpc.Cli;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>A text file of responses that every request brings as alternatives: one a line; empty lines do not count.</summary>
internal static class AlternativeFile
{
    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CliException">It cannot be read, or has no response.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        try
        {
            string[] responses = [.. File.ReadLines(path).Where(line => !string.IsNullOrWhiteSpace(line))];
            return responses.Length > 0
                ? responses
                : throw new CliException($"{path} has no response: write one on each line.", ExitCodes.Usage);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be read: {error.Message}", ExitCodes.Usage, error);
        }
    }
}
