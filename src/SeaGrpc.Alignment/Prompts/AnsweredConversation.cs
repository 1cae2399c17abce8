using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>
/// A conversation as one model reads it with any answer at its end, where the answer is text: the ids of the whole, which may merge across
/// the answer's ends. Thread-safe.
/// </summary>
internal sealed class AnsweredConversation
{
    /// <summary>Starts of answers with which tokenizers merge different ends of the text before them.</summary>
    private static readonly string[] StandIns = ["I", "a", " a", "\na", "1", ".", "\"", "\u00E9", "\u4F60"];

    private readonly ConversationEncoder _encoder;
    private readonly ConversationRendering? _rendering;
    private readonly int[] _head = [];
    private readonly string _headText = "";

    /// <param name="encoder">The model's encoder.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="rendering">The conversation in the model's template; null if it has none.</param>
    public AnsweredConversation(ConversationEncoder encoder, IReadOnlyList<ChatMessage> messages, ConversationRendering? rendering)
    {
        _encoder = encoder;
        _rendering = rendering;
        if (rendering is null)
        {
            _head = encoder.EncodeLines(messages);
            (Prefix, Suffix) = (_head, [encoder.EosId]);
            return;
        }

        int[][] wholes = [.. StandIns.Select(words => Unchanged(words, isWhole: true))];
        // What precedes the last special token is never merged with what follows, so it is encoded once.
        string before = rendering.Before("");
        int cut = rendering.LastControl(before);
        if (cut > 0)
        {
            int[] head = rendering.EncodePart(before[..cut]);
            bool isApart = StandIns.Zip(wholes).All(pair =>
                rendering.Before(pair.First).StartsWith(before[..cut], StringComparison.Ordinal)
                    && pair.Second.AsSpan().StartsWith(head)
                    && pair.Second.AsSpan(head.Length).SequenceEqual(
                        rendering.EncodePart(rendering.Before(pair.First)[cut..] + pair.First + rendering.After)));
            (_head, _headText) = isApart ? (head, before[..cut]) : ([], "");
        }

        int prefix = wholes.Min(whole => wholes[0].AsSpan().CommonPrefixLength(whole));
        int suffix = wholes.Min(whole => CommonSuffix(wholes[0].AsSpan(prefix), whole.AsSpan(prefix)));
        (Prefix, Suffix) = (wholes[0][..prefix], wholes[0][^suffix..]);
    }

    /// <summary>Ids that precede almost every answer. A text that merges with them has others at their end.</summary>
    public IReadOnlyList<int> Prefix { get; }

    /// <summary>Ids that follow almost every answer; may be empty if the template writes nothing after one.</summary>
    public IReadOnlyList<int> Suffix { get; }

    /// <summary>The ids of the conversation with an answer.</summary>
    /// <param name="answer">The answer's text.</param>
    /// <param name="isWhole">Whether the answer has ended. Otherwise the ids end with it.</param>
    /// <returns>The ids; at least one.</returns>
    public int[] Encode(string answer, bool isWhole)
    {
        int[] ids = _rendering is null
            ? [.. _head, .. _encoder.EncodeResponse(answer), .. isWhole ? Suffix : []]
            : Rendered(answer, isWhole);
        return ids.Length > 0 ? ids : isWhole ? [_encoder.EosId] : Encode(answer, isWhole: true);
    }

    private int[] Rendered(string answer, bool isWhole)
    {
        if (_encoder.RewritesAnswers)
        {
            try
            {
                return _rendering!.Write(answer, isWhole) is { } text ? AfterHead(text) : _rendering.Encode(answer, isWhole);
            }
            catch (ChatTemplateException)
            {
                // A template that rejects this answer does not say what it would read.
            }
        }

        return _rendering!.Shield(answer) is { } shielded ? Unchanged(shielded, isWhole) : _rendering.Encode(answer, isWhole);
    }

    private int[] Unchanged(string shielded, bool isWhole) =>
        AfterHead(_rendering!.Before(shielded) + shielded + (isWhole ? _rendering.After : ""));

    private int[] AfterHead(string text) => text.StartsWith(_headText, StringComparison.Ordinal)
        ? [.. _head, .. _rendering!.EncodePart(text[_headText.Length..])]
        : _rendering!.EncodePart(text);

    private static int CommonSuffix(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        int count = 0;
        while (count < Math.Min(first.Length, second.Length) && first[^(count + 1)] == second[^(count + 1)])
        {
            count++;
        }

        return count;
    }
}
