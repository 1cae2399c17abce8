using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>Encodes conversations for one model with its chat template and tokenizer. Thread-safe.</summary>
/// <remarks>
/// <para>A conversation has the ids of the text that the template writes, and no others, as apply_chat_template of transformers gives them:
/// the template alone decides on BOS. A raw text begins with BOS where the tokenizer puts one.</para>
/// <para>Special tokens inside a caller's text are text; only what the template writes around it is control.</para>
/// </remarks>
public sealed class ConversationEncoder
{
    /// <summary>Two one-token answers that no tokenizer starts with the same token.</summary>
    private static readonly string[] StandIns = ["I", "a"];

    private readonly Tokenizer _tokenizer;
    private readonly Lazy<bool> _marksFirstWord;
    private readonly Lazy<bool> _rewritesAnswers;
    private readonly ChatTemplate? _template;
    private readonly ControlTextGuard _guard;

    /// <summary>Creates an encoder for a model's tokenizer and its chat template, which may be null.</summary>
    /// <exception cref="ChatTemplateException">The template cannot render one user turn and its answer.</exception>
    public ConversationEncoder(Tokenizer tokenizer, ChatTemplate? template)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _template = template;
        _guard = new ControlTextGuard(tokenizer);
        _marksFirstWord = new Lazy<bool>(
            () => tokenizer.Encode(StandIns[1]) is [int first, ..] && tokenizer.TokenOf(first)!.StartsWith('\u2581'));
        _rewritesAnswers = new Lazy<bool>(() => template is not null && AnswerProbes.AreChanged(Render([new ChatMessage("user", "a")])));
        EosId = FindEos();
    }

    /// <summary>
    /// Whether the template changes answers (trims them, removes thoughts). Such answers are read according to <see cref="RewritingOf"/>.
    /// </summary>
    /// <exception cref="ChatTemplateException">The template leaves the answer out.</exception>
    public bool RewritesAnswers => _rewritesAnswers.Value;

    /// <summary>Whether conversations can be encoded.</summary>
    public bool HasTemplate => _template is not null;

    /// <summary>
    /// The id that ends an assistant's turn: the template's own if it writes one, otherwise the lowest of the tokenizer's.
    /// </summary>
    public int EosId { get; }

    /// <summary>Encodes a conversation with the template, up to the start of the assistant's turn.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the conversation, or writes nothing.</exception>
    public int[] EncodeConversation(IReadOnlyList<ChatMessage> messages)
    {
        (IReadOnlyList<ChatMessage> shielded, char block) = _guard.Shield(messages);
        int[] ids = _guard.Encode(_template!.Render(shielded, addGenerationPrompt: true), block);
        return ids.Length > 0
            ? ids
            : throw new ChatTemplateException(
                "The chat template writes nothing for this conversation, so there is nothing to answer; write a message that it renders.");
    }

    /// <summary>Encodes a text unchanged, after BOS if the tokenizer puts one before a text.</summary>
    public int[] EncodeText(string text)
    {
        int[] ids = _tokenizer.Encode(text);
        return _tokenizer.BosId is { } bos ? [bos, .. ids] : ids;
    }

    /// <summary>Encodes a conversation for a model without a template: its texts, one per line.</summary>
    public int[] EncodeLines(IReadOnlyList<ChatMessage> messages) =>
        EncodeText(string.Join('\n', messages.Select(message => message.Content)));

    /// <summary>The text of ids, without special tokens.</summary>
    public string Decode(IEnumerable<int> ids) => _tokenizer.Decode(ids);

    /// <summary>The ids before and after an assistant's response to the conversation. A template may write nothing before it.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the conversation.</exception>
    public (int[] Prefix, int[] Suffix) EncodeAroundResponse(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (_template is null)
        {
            return (EncodeLines(messages), [EosId]);
        }

        ConversationRendering rendering = Render(messages);

        // The common ids of two texts with different answers. The parts cannot be encoded separately: a tokenizer that marks the starts of
        // words puts the space
        // before an answer into its first token, and adds a mark before a text that is encoded alone.
        int[][] wholes = [.. StandIns.Select(rendering.EncodeWith)];
        int before = wholes[0].AsSpan().CommonPrefixLength(wholes[1]);
        int after = 0;
        while (after < Math.Min(wholes[0].Length, wholes[1].Length) - before && wholes[0][^(after + 1)] == wholes[1][^(after + 1)])
        {
            after++;
        }

        int[] suffix = wholes[0][^after..];
        return (wholes[0][..before], suffix.Length > 0 ? suffix : [EosId]);
    }

    /// <summary>How answers to the conversation are read if the template changes them; null if it writes all of them unchanged.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="prefix">The ids that <see cref="EncodeAroundResponse"/> puts before an answer.</param>
    /// <exception cref="ChatTemplateException">The template rejects the conversation.</exception>
    public AnswerRewriting? RewritingOf(IReadOnlyList<ChatMessage> messages, int[] prefix) =>
        RewritesAnswers ? new AnswerRewriting(_tokenizer, Render(messages), prefix) : null;

    /// <summary>The conversation with any answer at its end, where the answer is text.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the conversation.</exception>
    internal AnsweredConversation Answered(IReadOnlyList<ChatMessage> messages) =>
        new(this, messages, _template is null ? null : Render(messages));

    /// <summary>
    /// The ids of a conversation with its answer, as the template writes it. Without a template, the texts one after the other, followed by
    /// EOS.
    /// </summary>
    /// <exception cref="ChatTemplateException">The template rejects the conversation.</exception>
    public int[] EncodeAnswered(IReadOnlyList<ChatMessage> messages, string answer)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (_template is not null)
        {
            return Render(messages).Encode(answer);
        }

        (int[] prefix, int[] suffix) = EncodeAroundResponse(messages);
        return [.. prefix, .. EncodeResponse(answer), .. suffix];
    }

    /// <summary>
    /// The ids of a response alone. If the tokenizer marks words, a space at the start of the response is the mark of its first word and is
    /// not marked twice.
    /// </summary>
    public int[] EncodeResponse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _tokenizer.Encode(text.StartsWith(' ') && _marksFirstWord.Value ? text[1..] : text);
    }

    private ConversationRendering Render(IReadOnlyList<ChatMessage> messages) => new(_template!, _guard, messages);

    private int FindEos()
    {
        string after = _template is null ? "" : ConversationRendering.AfterAnswer(_template);
        return _tokenizer.Encode(after, parseSpecialTokens: true).Where(_tokenizer.EosIds.Contains).Append(_tokenizer.EosIds.Min()).First();
    }
}
