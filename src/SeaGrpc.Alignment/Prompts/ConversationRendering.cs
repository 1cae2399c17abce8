using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>A conversation as a chat template renders it, for any answer at its end.</summary>
internal sealed class ConversationRendering
{
    /// <summary>Placeholder for the response while a template is rendered. Its characters survive any trimming.</summary>
    private const string ResponseMark = "\uE8A0response\uE8A1";

    private readonly ChatTemplate _template;
    private readonly ControlTextGuard _guard;
    private readonly IReadOnlyList<ChatMessage> _messages;
    private readonly IReadOnlyList<ChatMessage> _shielded;
    private readonly char _block;
    private readonly string _before;
    private readonly string _after;

    /// <summary>Renders a conversation.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the conversation, or leaves the answer out.</exception>
    public ConversationRendering(ChatTemplate template, ControlTextGuard guard, IReadOnlyList<ChatMessage> messages)
    {
        _template = template;
        _guard = guard;
        _messages = messages;
        (_shielded, _block) = guard.Shield([.. messages, new ChatMessage("assistant", ResponseMark)]);
        string text = template.Render(_shielded, addGenerationPrompt: false);
        int at = text.LastIndexOf(ResponseMark, StringComparison.Ordinal);
        if (at < 0)
        {
            throw new ChatTemplateException(
                "The reward model's chat template omits the assistant's last turn or a part of it, "
                    + "so it cannot be used to score answers.");
        }

        (_before, _after) = (text[..at], text[(at + ResponseMark.Length)..]);
    }

    /// <summary>The text that a template writes after an answer; empty if it leaves the answer out.</summary>
    /// <exception cref="ChatTemplateException">The template cannot render one user turn and its answer.</exception>
    public static string AfterAnswer(ChatTemplate template)
    {
        string text = template.Render(
            [new ChatMessage("user", "a"), new ChatMessage("assistant", ResponseMark)], addGenerationPrompt: false);
        return text.LastIndexOf(ResponseMark, StringComparison.Ordinal) is var at and >= 0 ? text[(at + ResponseMark.Length)..] : "";
    }

    /// <summary>The ids of the whole text with some words in place of the answer, whatever the template would make of them.</summary>
    public int[] EncodeWith(string words) =>
        _guard.Encode(_before.Replace(ResponseMark, words, StringComparison.Ordinal) + words + _after, _block);

    /// <summary>The text before an answer that the template writes unchanged, with the answer where the template repeats it.</summary>
    /// <param name="shielded">The answer, from <see cref="Shield"/>.</param>
    public string Before(string shielded) => _before.Replace(ResponseMark, shielded, StringComparison.Ordinal);

    /// <summary>The text after an answer.</summary>
    public string After => _after;

    /// <summary>An answer whose special tokens are broken up, or null if it has characters that mark these here.</summary>
    public string? Shield(string answer) => _guard.Shield(answer, _block);

    /// <summary>The ids of a part of the text whose answer is from <see cref="Shield"/>.</summary>
    public int[] EncodePart(string text) => _guard.Encode(text, _block);

    /// <summary>Where the last special token of a part of the text starts; 0 if there is none.</summary>
    public int LastControl(string text) => _guard.LastControl(text);

    /// <summary>The ids of the whole text that the template writes for an answer, or null if it writes the answer unchanged.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the answer.</exception>
    public int[]? EncodeChanged(string answer)
    {
        string? own = _guard.Shield(answer, _block);
        string text = own is null ? "" : Render(_shielded, own);
        return own is null ? Encode(answer) : text == _before + own + _after ? null : _guard.Encode(text, _block);
    }

    /// <summary>
    /// The whole text that the template writes for an answer, or only up to the answer's end if the text ends as it does after other
    /// answers; for <see cref="EncodePart"/>. Null if the answer has characters that mark special tokens here.
    /// </summary>
    /// <exception cref="ChatTemplateException">The template rejects the answer.</exception>
    public string? Write(string answer, bool withEnd)
    {
        if (_guard.Shield(answer, _block) is not { } own)
        {
            return null;
        }

        string text = Render(_shielded, own);
        return withEnd || !text.EndsWith(_after, StringComparison.Ordinal) ? text : text[..^_after.Length];
    }

    /// <summary>The ids of the whole text that the template writes for an answer.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the answer.</exception>
    public int[] Encode(string answer) => Encode(answer, withEnd: true);

    /// <summary>The same, or only up to the answer's end if the text ends as it does after other answers.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the answer.</exception>
    public int[] Encode(string answer, bool withEnd)
    {
        (IReadOnlyList<ChatMessage> all, char free) = _guard.Shield([.. _messages, new ChatMessage("assistant", answer)]);
        string text = _template.Render(all, addGenerationPrompt: false);
        return _guard.Encode(withEnd || !text.EndsWith(_after, StringComparison.Ordinal) ? text : text[..^_after.Length], free);
    }

    private string Render(IReadOnlyList<ChatMessage> conversation, string answer) =>
        _template.Render([.. conversation.SkipLast(1), conversation[^1] with { Content = answer }], addGenerationPrompt: false);
}
