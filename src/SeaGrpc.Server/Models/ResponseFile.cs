using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Server.Models;

/// <summary>A text file of responses that requests start from: one a line; blank lines do not count.</summary>
public static class ResponseFile
{
    /// <summary>Most responses of a file: each is read once in every alignment that takes them.</summary>
    public const int Most = 64;

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The responses, each with the number of its line, from 1.</returns>
    /// <exception cref="CheckpointException">It cannot be read, or has no response or more than <see cref="Most"/>.</exception>
    public static IReadOnlyList<(int Line, string Text)> Read(string path)
    {
        (int Line, string Text)[] responses =
            [.. Lines(path).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => (line.Index + 1, line.Item))];
        return responses.Length is > 0 and <= Most
            ? responses
            : throw new CheckpointException(
                path, $"it has {responses.Length} responses, one a line, but must have 1 to {Most}: each is read in every alignment");
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the responses cannot be read: {error.Message}", error);
        }
    }
}
