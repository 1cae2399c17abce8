using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.Models;

/// <summary>Responses that the operator knows, from a <see cref="ResponseFile"/>.</summary>
internal static class KnownResponses
{
    /// <summary>Reads and tokenises a file.</summary>
    /// <param name="path">The file; null for no responses.</param>
    /// <param name="models">The models that read the responses.</param>
    /// <returns>The ids of each response, without EOS.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or holds what the models cannot read.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Load(string? path, AlignmentModels models) =>
        path is null ? [] : [.. ResponseFile.Read(path).Select(response => Encode(path, response.Line, response.Text, models))];

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
