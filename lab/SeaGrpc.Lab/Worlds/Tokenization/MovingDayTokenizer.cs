using SeaGrpc.Lab.Worlds.MovingDay;

namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>
/// The tokenizer of the models of "moving day": every word of the world is one token, the same at the beginning of an answer as within it.
/// So whole sentences can change places.
/// </summary>
public static class MovingDayTokenizer
{
    /// <summary>The tokenizer.</summary>
    public static WordTokenizer Build() => ChatMarkup.Tokenizer(MovingDayVocabulary.Pieces) with { AddsPrefixSpace = true };

    /// <summary>Writes tokenizer.json and tokenizer_config.json.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="maxPositions">Longest sequence in tokens.</param>
    public static void Write(string folder, int maxPositions) => ChatMarkup.Write(Build(), folder, maxPositions);
}
