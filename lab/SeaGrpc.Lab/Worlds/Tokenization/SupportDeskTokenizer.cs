namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>The tokenizer of the support-desk world's models: every word of the world is one token.</summary>
public static class SupportDeskTokenizer
{
    /// <inheritdoc cref="ChatMarkup.Begin"/>
    public const string Begin = ChatMarkup.Begin;

    /// <inheritdoc cref="ChatMarkup.End"/>
    public const string End = ChatMarkup.End;

    /// <inheritdoc cref="ChatMarkup.Padding"/>
    public const string Padding = ChatMarkup.Padding;

    /// <summary>The tokenizer.</summary>
    public static WordTokenizer Build() => ChatMarkup.Tokenizer(WorldVocabulary.Pieces);

    /// <summary>Writes tokenizer.json and tokenizer_config.json.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="maxPositions">Longest sequence in tokens.</param>
    public static void Write(string folder, int maxPositions) => ChatMarkup.Write(Build(), folder, maxPositions);
}
