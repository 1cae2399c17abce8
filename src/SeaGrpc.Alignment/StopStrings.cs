using System.Collections.Concurrent;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment;

/// <summary>
/// Texts that end a response: it ends before the first place where one of them occurs. What is left of it is a response of its own, which
/// ends there and is scored as such, its EOS included. Remembers what it has cut. Thread-safe.
/// </summary>
public sealed class StopStrings
{
    /// <summary>Tokens looked at besides as many as the longest text has bytes: each has a byte at least, but for odd ones.</summary>
    private const int SpareTokens = 8;

    private readonly Tokenizer _tokenizer;
    private readonly Func<string, IReadOnlyList<int>?> _encode;
    private readonly IReadOnlyList<int> _prefix;
    private readonly int _from;
    private readonly ConcurrentDictionary<string, string> _cut = new();

    /// <summary>Prepares the texts for the responses of one task.</summary>
    /// <param name="strings">The texts; at least one, none of them empty.</param>
    /// <param name="tokenizer">The policy's tokenizer.</param>
    /// <param name="encode">The ids of a text that a response may contain; null if there are none.</param>
    /// <param name="prefix">
    /// Ids that every response starts with; may be empty. Places that begin within as many characters as their text has do not count.
    /// </param>
    public StopStrings(
        IReadOnlyList<string> strings, Tokenizer tokenizer, Func<string, IReadOnlyList<int>?> encode, IReadOnlyList<int> prefix)
    {
        ArgumentNullException.ThrowIfNull(strings);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(encode);
        ArgumentNullException.ThrowIfNull(prefix);
        if (strings.Count == 0 || strings.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("There must be at least one text, and none may be empty.", nameof(strings));
        }

        Strings = strings;
        _tokenizer = tokenizer;
        _encode = encode;
        _prefix = prefix;
        _from = tokenizer.Decode(prefix).Length;
        TailTokens = strings.Max(System.Text.Encoding.UTF8.GetByteCount) + SpareTokens;
    }

    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Strings { get; }

    /// <summary>Number of last tokens in which a text lies that the last of them has completed.</summary>
    public int TailTokens { get; }

    /// <summary>Whether a text may have been completed by the last token of a response.</summary>
    /// <param name="tail">Its last tokens, as many as <see cref="TailTokens"/> if there are so many.</param>
    public bool MayOccur(IReadOnlyList<int> tail)
    {
        string text = _tokenizer.Decode(tail);
        return Strings.Any(own => text.Contains(own, StringComparison.Ordinal));
    }

    /// <summary>Whether one of the texts occurs in a response.</summary>
    /// <param name="tokens">Its ids, without EOS.</param>
    public bool Occurs(IReadOnlyList<int> tokens) => First(_tokenizer.Decode(tokens)) is not null;

    /// <summary>What is left of a response before the first place where one of the texts occurs.</summary>
    /// <param name="tokens">Its ids, without EOS.</param>
    /// <param name="mostTokens">Most tokens that may be left.</param>
    /// <param name="keepsParts">
    /// If a text begins inside a token: whether the first part of this token is encoded anew. It is left out otherwise, and if no tokens
    /// have exactly that text, or if there is no room.
    /// </param>
    /// <returns>The rest, or null if there is no such place.</returns>
    public StopCut? Cut(IReadOnlyList<int> tokens, int mostTokens, bool keepsParts = true)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        string text = _tokenizer.Decode(tokens);
        if (First(text) is not { } first)
        {
            return null;
        }

        string left = text[..first.At];
        int whole = tokens.Count;
        string start;
        do
        {
            whole--;
            start = _tokenizer.Decode([.. tokens.Take(whole)]);
        }
        while (whole > _prefix.Count && !left.StartsWith(start, StringComparison.Ordinal));
        int[] kept = [.. tokens.Take(whole)];
        int[] cut = start.Length < left.Length && keepsParts ? Joined(kept, left, start.Length, mostTokens) ?? kept : kept;
        _cut.TryAdd(Key(cut), first.Text);
        return new StopCut(cut, whole, first.Text);
    }

    /// <summary>The text that ended a response; null if none has.</summary>
    /// <param name="tokens">Its ids, without EOS.</param>
    public string? Ending(IReadOnlyList<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return _cut.IsEmpty ? null : _cut.GetValueOrDefault(Key(tokens));
    }

    /// <summary>The same response, with the text that ended it, if one has.</summary>
    public ScoredResponse Marked(ScoredResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.StopString is null && response.EndsWithEos && Ending(response.Tokens) is { } ending
            ? response with { StopString = ending }
            : response;
    }

    private static string Key(IEnumerable<int> tokens) => string.Join(',', tokens);

    private (int At, string Text)? First(string text) => text.Length < _from ? null : Strings
        .Select(own => ((int At, string Text)?)(text.IndexOf(own, _from, StringComparison.Ordinal), own))
        .Where(place => place!.Value.At >= 0)
        .MinBy(place => place!.Value.At);

    /// <summary>Tokens of exactly a text, the first ones as they were; null if there are none.</summary>
    private int[]? Joined(int[] kept, string text, int keptLength, int mostTokens)
    {
        foreach (IEnumerable<int>? tokens in (IEnumerable<int>?[])
            [_encode(text[keptLength..]) is { } rest ? kept.Concat(rest) : null, _encode(text)])
        {
            int[] whole = [.. tokens ?? []];
            if (whole.Length <= mostTokens && whole.Take(_prefix.Count).SequenceEqual(_prefix) && _tokenizer.Decode(whole) == text)
            {
                return whole;
            }
        }

        return null;
    }
}

/// <summary>What is left of a response that ends before a stop string.</summary>
/// <param name="Tokens">Its ids, without EOS.</param>
/// <param name="Whole">Number of first tokens that it shares with the response before the cut.</param>
/// <param name="StopString">The text that ends it.</param>
public sealed record StopCut(IReadOnlyList<int> Tokens, int Whole, string StopString);
