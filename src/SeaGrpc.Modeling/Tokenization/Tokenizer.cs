namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A checkpoint's tokenizer: text to ids and back. Thread-safe.</summary>
public sealed class Tokenizer
{
    /// <summary>Reads tokenizer.json, and tokenizer_config.json where there is one.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    public static Tokenizer Load(string folder) => throw new NotImplementedException(folder);

    /// <summary>Smallest count that holds every id: the highest id plus 1, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>Id of the token that starts a sequence, or null where the tokenizer puts none.</summary>
    public int? BosId { get; }

    /// <summary>Ids that end a response: generation_config.json's, config.json's, tokenizer_config.json's; never empty.</summary>
    public IReadOnlySet<int> EosIds { get; } = new HashSet<int>();

    /// <summary>Every token's text (in the byte-level alphabet, as the file has it) and id, added tokens included.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; } = new Dictionary<string, int>();

    /// <summary>Whether an id is a special (control) token.</summary>
    public bool IsSpecial(int id) => throw new NotImplementedException();

    /// <summary>The ids of a text. No BOS or EOS is added. Special tokens in the text are control only where asked for.</summary>
    public int[] Encode(string text, bool parseSpecialTokens = false) => throw new NotImplementedException();

    /// <summary>The text of ids. Special tokens are left out unless asked for; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public string Decode(IEnumerable<int> ids, bool keepSpecialTokens = false) => throw new NotImplementedException();
}
