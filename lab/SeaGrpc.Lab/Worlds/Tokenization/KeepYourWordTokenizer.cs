using SeaGrpc.Lab.Worlds.KeepYourWord;

namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>
/// The tokenizer of the models of "keep your word", the same for policies and reward model: every word of the world is one token.
/// </summary>
public static class KeepYourWordTokenizer
{
    /// <summary>The tokenizer.</summary>
    public static WordTokenizer Build() => ChatMarkup.Tokenizer(KeepYourWordVocabulary.Pieces);

    /// <summary>Writes tokenizer.json and tokenizer_config.json.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="maxPositions">Longest sequence in tokens.</param>
    public static void Write(string folder, int maxPositions) => ChatMarkup.Write(Build(), folder, maxPositions);
}
