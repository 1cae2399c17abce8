using System.Text;
using SeaGrpc.Alignment;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Server.Models;

/// <summary>Responses that are known for every prompt: the operator's, from a <see cref="ResponseFile"/>, or refusals.</summary>
public static class KnownResponses
{
    /// <summary>
    /// The responses of a server whose operator sets none. A search by itself finds only refusals whose first words the policy finds
    /// likely.
    /// </summary>
    public static IReadOnlyList<string> Refusals { get; } =
    [
        "I'm sorry, but I can't assist with that.", "I'm sorry, but I'm unable to assist with that.", "I can't help with that.",
    ];

    /// <summary>Reads and tokenises them.</summary>
    /// <param name="options">The operator's settings.</param>
    /// <param name="models">The models that read the responses.</param>
    /// <returns>The ids of each response, without EOS.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or holds what the models cannot read.</exception>
    internal static IReadOnlyList<IReadOnlyList<int>> Load(PairSettings options, AlignmentModels models) =>
        options.KnownResponsesFile is { } path
            ? [.. ResponseFile.Read(path).Select(response => Encode(path, response.Line, response.Text, models))]
            : options.KnownResponses is null && models.Rewards.Any(reward => reward.Gains.Counts > 0)
                && models is { Policy.Template: not null, Engine: null or { Abilities.ReadsRows: true } }
                ? [.. Refusals.Select(text => Spelled(text, models)).OfType<int[]>()]
                : [];

    /// <summary>The ids of a text whose words the policy knows; null if it would have to spell them.</summary>
    private static int[]? Spelled(string text, AlignmentModels models)
    {
        const int LeastBytesPerToken = 2;
        try
        {
            int[] ids = models.Prompts.EncodeResponse(text);
            return ids.Length * LeastBytesPerToken <= Encoding.UTF8.GetByteCount(text) && ids.All(id => id < models.SharedRows)
                && models.Policy.Tokenizer.Decode(ids) == text
                    ? ids
                    : null;
        }
        catch (TokenizationException)
        {
            return null;
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
