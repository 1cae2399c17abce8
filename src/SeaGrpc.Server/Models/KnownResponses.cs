using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.Models;

/// <summary>Responses that the operator knows, from a text file: one a line; blank lines do not count.</summary>
internal static class KnownResponses
{
    /// <summary>Most responses of a file: each is read once in every alignment that takes them.</summary>
    private const int Most = 64;

    /// <summary>Reads and tokenises a file.</summary>
    /// <param name="path">The file; null for no responses.</param>
    /// <param name="models">The models that read the responses.</param>
    /// <returns>The ids of each response, without EOS.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or holds what the models cannot read.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Load(string? path, AlignmentModels models)
    {
        if (path is null)
        {
            return [];
        }

        string[] lines = Lines(path);
        (int Number, string Text)[] responses =
            [.. lines.Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => (line.Index + 1, line.Item))];
        if (responses.Length is 0 or > Most)
        {
            throw new CheckpointException(
                path, $"it has {responses.Length} responses, one a line, but must have 1 to {Most}: each is read in every alignment");
        }

        return [.. responses.Select(response => Encode(path, response.Number, response.Text, models))];
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the responses that the operator knows cannot be read: {error.Message}", error);
        }
    }

    private static int[] Encode(string path, int line, string text, AlignmentModels models)
    {
        try
        {
            int[] ids = models.Prompts.EncodeResponse(text);
            return ids.Length > 0 && ids.All(id => id < models.SharedRows)
                ? ids
                : throw new CheckpointException(path, $"line {line} has tokens that not all models have; write it with ordinary text");
        }
        catch (TokenizationException error)
        {
            throw new CheckpointException(path, $"line {line}: {error.Message}", error);
        }
    }
}
