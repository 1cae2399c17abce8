using System.Text;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization.PreTokenization;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A checkpoint's tokenizer, from text to ids and back. Thread-safe.</summary>
/// <remarks>
/// <para>Encoding:</para>
/// <para>1. Lone surrogates become U+FFFD.</para>
/// <para>2. The text is split at added tokens. Special ones count only if requested.</para>
/// <para>3. The text between them is normalised, and split again at added tokens that are matched in normalised text.</para>
/// <para>4. The rest is split by the pre-tokenizer, and its pieces are merged.</para>
/// </remarks>
public sealed class Tokenizer
{
    private const int MostNamed = 5;

    private readonly TokenizerDefinition _definition;
    private readonly BytePairEncoder _encoder;
    private readonly string?[] _tokenOf;
    private readonly HashSet<int> _specialIds;
    private readonly AddedTokenMatcher _rawMatcher;
    private readonly AddedTokenMatcher _normalizedMatcher;

    private Tokenizer(TokenizerDefinition definition, int? bosId, IReadOnlySet<int> eosIds)
    {
        _definition = definition;
        _specialIds = [.. definition.AddedTokens.Where(token => token.IsSpecial).Select(token => token.Id)];
        _encoder = new BytePairEncoder(definition.Model, _specialIds);
        var vocabulary = new Dictionary<string, int>(definition.Model.Vocabulary, StringComparer.Ordinal);
        foreach (var token in definition.AddedTokens)
        {
            vocabulary[token.Content] = token.Id;
        }

        _rawMatcher = new AddedTokenMatcher(definition.AddedTokens.Where(token => !token.IsNormalized));
        _normalizedMatcher = new AddedTokenMatcher(definition.AddedTokens
            .Where(token => token.IsNormalized)
            .Select(token => token with { Content = Normalize(token.Content) }));
        Vocabulary = vocabulary;
        VocabularySize = vocabulary.Values.Max() + 1;
        _tokenOf = new string?[VocabularySize];
        foreach (var (token, id) in vocabulary)
        {
            _tokenOf[id] = token;
        }

        BosId = bosId;
        EosIds = eosIds;
        Notes = [.. DescribeGaps(definition)];
    }

    /// <summary>The highest id plus 1, including added tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>Id of the token that starts a sequence, or null if the tokenizer adds none.</summary>
    /// <remarks>
    /// bos_token if add_bos_token is true, and none if it is false. If it is not set, the special token that the post_processor's template
    /// puts first, or, without a template, BOS if the tokenizer's class adds one (LlamaTokenizer).
    /// </remarks>
    public int? BosId { get; }

    /// <summary>Ids that end a response, from generation_config.json, config.json and tokenizer_config.json. Never empty.</summary>
    public IReadOnlySet<int> EosIds { get; }

    /// <summary>
    /// The text and id of every token, including added ones. Texts are as in the file, in the byte-level alphabet if the tokenizer uses it.
    /// </summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>What users should know about a usable tokenizer, as sentences; empty if it preserves every text.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Added tokens for which the model has no embedding. They have no id and are read as plain text.</summary>
    public IReadOnlyList<string> LeftOut => _definition.LeftOut;

    /// <summary>Reads tokenizer.json, and, if present, tokenizer_config.json, special_tokens_map.json and added_tokens.json.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="rows">Rows of the model's embedding matrix; added tokens beyond them are left out. Null keeps all.</param>
    /// <exception cref="CheckpointException">A file is missing, damaged or of an unsupported kind.</exception>
    public static Tokenizer Load(string folder, int? rows = null)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        OtherTokenizers.RefuseWithout(folder);
        var tokens = SequenceTokens.Read(folder);
        var definition = TokenizerReader.Read(path, tokens.Named, rows);
        var resolver = new SequenceTokenResolver(folder, definition, tokens);
        return new Tokenizer(definition, resolver.ResolveBos(), resolver.ResolveEos());
    }

    /// <summary>Whether an id is that of a special (control) token.</summary>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>The text of a token as in the file, or null if no token has the id.</summary>
    public string? TokenOf(int id) => id >= 0 && id < VocabularySize ? _tokenOf[id] : null;

    /// <summary>Encodes a text. Special tokens in the text are control tokens only if requested.</summary>
    /// <remarks>Added tokens that are not special are always matched. Lone surrogates become U+FFFD.</remarks>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecialTokens">Whether special tokens in the text are control tokens.</param>
    /// <param name="addSpecialTokens">Whether to add the post_processor's template around the text, usually BOS.</param>
    public int[] Encode(string text, bool parseSpecialTokens = false, bool addSpecialTokens = false)
    {
        var ids = Encode(text, (_, _) => parseSpecialTokens);
        return addSpecialTokens ? [.. _definition.Template.Start, .. ids, .. _definition.Template.End] : ids;
    }

    /// <summary>Encodes a text whose special tokens are control tokens, except where one of their characters is marked as plain.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="isPlain">
    /// Whether the character (UTF-16 unit) at a position comes from a user and is therefore never part of a special token.
    /// </param>
    public int[] Encode(string text, Predicate<int> isPlain)
    {
        ArgumentNullException.ThrowIfNull(isPlain);
        return Encode(text, (start, length) => !Enumerable.Range(start, length).Any(at => isPlain(at)));
    }

    /// <summary>Decodes ids. Special tokens are left out unless requested. Bytes that are not UTF-8 become U+FFFD.</summary>
    /// <remarks>Ids below <see cref="VocabularySize"/> without a token are left out.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public string Decode(IEnumerable<int> ids, bool keepSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var decoder = StartDecoding(keepSpecialTokens);
        foreach (var id in ids)
        {
            decoder.Take(id);
        }

        return decoder.End();
    }

    /// <summary>Decodes ids one by one, as <see cref="Decode"/> does at once.</summary>
    public IncrementalDecoder StartDecoding(bool keepSpecialTokens = false) =>
        new(id => keepSpecialTokens || !IsSpecial(Checked(id)) ? _tokenOf[Checked(id)] : null, _definition.Decoder);

    private int Checked(int id) => id >= 0 && id < VocabularySize
        ? id
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"Token ids run from 0 to {VocabularySize - 1}.");

    private int[] Encode(string text, Func<int, int, bool> countsSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);

        using var budget = new PatternBudget().Enter();

        // 1. Whole characters. No position changes.
        text = WithoutLoneSurrogates(text);

        // 2. Added tokens in the original text.
        var ids = new List<int>();
        foreach (var (raw, start, rawToken) in _rawMatcher.Split(
            text, (token, at) => !token.IsSpecial || countsSpecial(at, token.Content.Length)))
        {
            if (rawToken is not null)
            {
                ids.Add(rawToken.Id);
                continue;
            }

            // 3. Added tokens in the normalised text. Positions are unknown there, so one plain character makes all special tokens text.
            var counts = new Lazy<bool>(() => countsSpecial(start, raw.Length));
            foreach (var (part, partStart, token) in _normalizedMatcher.Split(
                Normalize(raw), (token, _) => !token.IsSpecial || counts.Value))
            {
                if (token is not null)
                {
                    ids.Add(token.Id);
                    continue;
                }

                // 4. Pieces.
                foreach (var piece in _definition.PreTokenizer.Split(new Piece(part, IsFirst: start + partStart == 0)))
                {
                    _encoder.Encode(piece, ids);
                }
            }
        }

        return [.. ids];
    }

    private static IEnumerable<string> DescribeGaps(TokenizerDefinition definition)
    {
        if (VocabularyGaps.Describe(definition.Model, definition.PreTokenizer.IsByteLevel) is { } gap)
        {
            yield return gap;
        }

        if (definition.LeftOut is { Count: > 0 } leftOut)
        {
            yield return $"The model has no embedding for {leftOut.Count} added tokens "
                + $"({string.Join(", ", leftOut.Take(MostNamed))}{(leftOut.Count > MostNamed ? ", …" : "")}): "
                + "in a text they are plain text.";
        }
    }

    private string Normalize(string text) => _definition.Normalize?.Invoke(text) ?? text;

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
