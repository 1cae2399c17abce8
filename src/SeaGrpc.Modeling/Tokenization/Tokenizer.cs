using System.Text;
using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A checkpoint's tokenizer: text to ids and back. Thread-safe.</summary>
/// <remarks>
/// <para>Encoding:</para>
/// <para>1. Halves of surrogate pairs become U+FFFD.</para>
/// <para>2. The text is cut at added tokens; special ones count only where asked for.</para>
/// <para>3. What lies between is normalised, and cut again at added tokens that are looked for in normalised text.</para>
/// <para>4. The rest is cut by the pre-tokenizer's patterns, written in the byte-level alphabet, and merged.</para>
/// </remarks>
public sealed class Tokenizer
{
    private readonly TokenizerDefinition _definition;
    private readonly BytePairEncoder _encoder;
    private readonly Dictionary<int, AddedToken> _addedOf;
    private readonly Dictionary<int, byte[]> _bytesOf;
    private readonly AddedTokenMatcher[] _rawMatchers;
    private readonly AddedTokenMatcher[] _normalizedMatchers;

    private Tokenizer(TokenizerDefinition definition, int? bosId, IReadOnlySet<int> eosIds)
    {
        _definition = definition;
        _encoder = new BytePairEncoder(definition.Vocabulary, definition.Merges, definition.IgnoreMerges);
        _addedOf = definition.AddedTokens.ToDictionary(token => token.Id);
        _bytesOf = definition.Vocabulary.ToDictionary(pair => pair.Value, pair => ByteAlphabet.ToBytes(pair.Key));
        var vocabulary = new Dictionary<string, int>(definition.Vocabulary, StringComparer.Ordinal);
        foreach (var token in definition.AddedTokens)
        {
            vocabulary[token.Content] = token.Id;
            _bytesOf[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        }

        // The first matcher of each pair leaves special tokens alone, the second finds them.
        _rawMatchers = MakeMatchers(definition.AddedTokens.Where(token => !token.IsNormalized || !definition.ComposesText));
        _normalizedMatchers = MakeMatchers(definition.AddedTokens
            .Where(token => token.IsNormalized && definition.ComposesText)
            .Select(token => token with { Content = CanonicalComposition.Compose(token.Content) }));
        Vocabulary = vocabulary;
        VocabularySize = vocabulary.Values.Max() + 1;
        BosId = bosId;
        EosIds = eosIds;
    }

    /// <summary>Smallest count that holds every id: the highest id plus 1, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>Id of the token that starts a sequence, or null where the tokenizer puts none.</summary>
    /// <remarks>
    /// tokenizer_config.json's bos_token where its add_bos_token is true, none where that is false; where it says nothing,
    /// the special token that the post_processor's template puts first.
    /// </remarks>
    public int? BosId { get; }

    /// <summary>Ids that end a response: generation_config.json's, config.json's, tokenizer_config.json's; never empty.</summary>
    public IReadOnlySet<int> EosIds { get; }

    /// <summary>Every token's text (in the byte-level alphabet, as the file has it) and id, added tokens included.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Reads tokenizer.json, and tokenizer_config.json where there is one.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or of a kind that is not supported.</exception>
    public static Tokenizer Load(string folder)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        var definition = TokenizerReader.Read(path);
        var tokens = SequenceTokens.Read(folder);
        return new SequenceTokenResolver(folder, definition, tokens).Resolve(
            (resolved, bosId, eosIds) => new Tokenizer(resolved, bosId, eosIds));
    }

    /// <summary>Whether an id is a special (control) token.</summary>
    public bool IsSpecial(int id) => _addedOf.TryGetValue(id, out var token) && token.IsSpecial;

    /// <summary>The ids of a text. No BOS or EOS is added. Special tokens in the text are control only where asked for.</summary>
    /// <remarks>Added tokens that are not special are found in either case; halves of surrogate pairs become U+FFFD.</remarks>
    public int[] Encode(string text, bool parseSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var choice = parseSpecialTokens ? 1 : 0;
        var ids = new List<int>();
        foreach (var (raw, rawToken) in _rawMatchers[choice].Split(WithoutLoneSurrogates(text)))
        {
            if (rawToken is not null)
            {
                ids.Add(rawToken.Id);
                continue;
            }

            var normalized = _definition.ComposesText ? CanonicalComposition.Compose(raw) : raw;
            foreach (var (part, token) in _normalizedMatchers[choice].Split(normalized))
            {
                ids.AddRange(token is null ? _definition.PreTokenizer.Split(part).SelectMany(_encoder.Encode) : [token.Id]);
            }
        }

        return [.. ids];
    }

    /// <summary>The text of ids. Special tokens are left out unless asked for; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <remarks>Ids below <see cref="VocabularySize"/> that no token has are left out.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public string Decode(IEnumerable<int> ids, bool keepSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var bytes = new MemoryStream();
        foreach (var id in ids)
        {
            if (id < 0 || id >= VocabularySize)
            {
                throw new ArgumentOutOfRangeException(nameof(ids), id, $"Token ids run from 0 to {VocabularySize - 1}.");
            }

            if ((keepSpecialTokens || !IsSpecial(id)) && _bytesOf.TryGetValue(id, out var token))
            {
                bytes.Write(token);
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static AddedTokenMatcher[] MakeMatchers(IEnumerable<AddedToken> tokens)
    {
        var all = tokens.ToArray();
        return [new AddedTokenMatcher(all.Where(token => !token.IsSpecial)), new AddedTokenMatcher(all)];
    }

    private static string WithoutLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.ToString());
        }

        return clean.ToString();
    }
}
