using System.Text;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Tokenization.PreTokenization;

namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A checkpoint's tokenizer: text to ids and back. Thread-safe.</summary>
/// <remarks>
/// <para>Encoding:</para>
/// <para>1. Halves of surrogate pairs become U+FFFD.</para>
/// <para>2. The text is cut at added tokens; special ones count only where asked for.</para>
/// <para>3. What lies between is normalised, and cut again at added tokens that are looked for in normalised text.</para>
/// <para>4. The rest is cut by the pre-tokenizer, and its pieces are merged.</para>
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

    /// <summary>Smallest count that holds every id: the highest id plus 1, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>Id of the token that starts a sequence, or null if the tokenizer puts none.</summary>
    /// <remarks>
    /// bos_token where add_bos_token is true, none where that is false; where it says nothing, the special token that the post_processor's
    /// template puts first, or, without a template, BOS where the tokenizer's class fixes one (LlamaTokenizer).
    /// </remarks>
    public int? BosId { get; }

    /// <summary>Ids that end a response: generation_config.json's, config.json's, tokenizer_config.json's; never empty.</summary>
    public IReadOnlySet<int> EosIds { get; }

    /// <summary>
    /// Every token's text (as the file has it, in the byte-level alphabet where that is the kind) and id, added tokens included.
    /// </summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>What one should know of a tokenizer that can be used, in sentences for people; none where it keeps every text.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Added tokens for which the model has no embedding: no id, and in a text they are plain text.</summary>
    public IReadOnlyList<string> LeftOut => _definition.LeftOut;

    /// <summary>
    /// Reads tokenizer.json, and tokenizer_config.json, special_tokens_map.json and added_tokens.json where they are there.
    /// </summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="rows">Rows of the model's embedding matrix: added tokens beyond them are left out. Null keeps all.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or of a kind that is not supported.</exception>
    public static Tokenizer Load(string folder, int? rows = null)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        OtherTokenizers.RefuseWithout(folder);
        var tokens = SequenceTokens.Read(folder);
        var definition = TokenizerReader.Read(path, tokens.Named, rows);
        var resolver = new SequenceTokenResolver(folder, definition, tokens);
        return new Tokenizer(definition, resolver.ResolveBos(), resolver.ResolveEos());
    }

    /// <summary>Whether an id is a special (control) token.</summary>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>The text of an id's token as the file has it, or null if no token has the id.</summary>
    public string? TokenOf(int id) => id >= 0 && id < VocabularySize ? _tokenOf[id] : null;

    /// <summary>The ids of a text. Special tokens in the text are control only where asked for.</summary>
    /// <remarks>Added tokens that are not special are found in either case; halves of surrogate pairs become U+FFFD.</remarks>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecialTokens">Whether special tokens in the text are control.</param>
    /// <param name="addSpecialTokens">Whether the post_processor's template is put around it: BOS, as a rule.</param>
    public int[] Encode(string text, bool parseSpecialTokens = false, bool addSpecialTokens = false)
    {
        var ids = Encode(text, (_, _) => parseSpecialTokens);
        return addSpecialTokens ? [.. _definition.Template.Start, .. ids, .. _definition.Template.End] : ids;
    }

    /// <summary>The ids of a text whose special tokens are control, except where one of their characters is marked as plain.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="isPlain">Whether the character (UTF-16 unit) at a place is a user's, and so never part of a special token.</param>
    public int[] Encode(string text, Predicate<int> isPlain)
    {
        ArgumentNullException.ThrowIfNull(isPlain);
        return Encode(text, (start, length) => !Enumerable.Range(start, length).Any(at => isPlain(at)));
    }

    /// <summary>The text of ids. Special tokens are left out unless asked for; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <remarks>Ids below <see cref="VocabularySize"/> that no token has are left out.</remarks>
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

    /// <summary>Decodes ids as they come: <see cref="Decode"/> in parts.</summary>
    public IncrementalDecoder StartDecoding(bool keepSpecialTokens = false) =>
        new(id => keepSpecialTokens || !IsSpecial(Checked(id)) ? _tokenOf[Checked(id)] : null, _definition.Decoder);

    private int Checked(int id) => id >= 0 && id < VocabularySize
        ? id
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"Token ids run from 0 to {VocabularySize - 1}.");

    private int[] Encode(string text, Func<int, int, bool> countsSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);

        using var budget = new PatternBudget().Enter();

        // 1. Whole characters; no place moves.
        text = WithoutLoneSurrogates(text);

        // 2. Added tokens in the text as it stands.
        var ids = new List<int>();
        foreach (var (raw, start, rawToken) in _rawMatcher.Split(
            text, (token, at) => !token.IsSpecial || countsSpecial(at, token.Content.Length)))
        {
            if (rawToken is not null)
            {
                ids.Add(rawToken.Id);
                continue;
            }

            // 3. Added tokens in the normalised text. Places in it are not known, so one plain character makes all special ones text.
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
