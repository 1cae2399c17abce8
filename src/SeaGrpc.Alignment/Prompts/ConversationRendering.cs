using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>A conversation as a chat template writes it, for any answer at its end.</summary>
internal sealed class ConversationRendering
{
    /// <summary>Stands for the response while a template is rendered; a letter sequence that no trimming touches.</summary>
    private const string ResponseMark = "\uE8A0response\uE8A1";

    private readonly ChatTemplate template;
    private readonly ControlTextGuard guard;
    private readonly IReadOnlyList<ChatMessage> messages;
    private readonly IReadOnlyList<ChatMessage> shielded;
    private readonly char block;
    private readonly string before;
    private readonly string after;

    /// <summary>Renders a conversation.</summary>
    /// <exception cref="ChatTemplateException">The template rejects it, or leaves the answer out.</exception>
    public ConversationRendering(ChatTemplate template, ControlTextGuard guard, IReadOnlyList<ChatMessage> messages)
    {
        this.template = template;
        this.guard = guard;
        this.messages = messages;
        (shielded, block) = guard.Shield([.. messages, new ChatMessage("assistant", ResponseMark)]);
        string text = template.Render(shielded, addGenerationPrompt: false);
        int at = text.LastIndexOf(ResponseMark, StringComparison.Ordinal);
        if (at < 0)
        {
            throw new ChatTemplateException(
                "The reward model's chat template does not write the assistant's last turn out, or not all of it, so that answers could not be scored by it.");
        }

        (before, after) = (text[..at], text[(at + ResponseMark.Length)..]);
    }

    /// <summary>What a template writes after an answer; empty where it leaves the answer out.</summary>
    /// <exception cref="ChatTemplateException">The template cannot render one user turn and its answer.</exception>
    public static string AfterAnswer(ChatTemplate template)
    {
        string text = template.Render([new ChatMessage("user", "a"), new ChatMessage("assistant", ResponseMark)], addGenerationPrompt: false);
        return text.LastIndexOf(ResponseMark, StringComparison.Ordinal) is var at and >= 0 ? text[(at + ResponseMark.Length)..] : "";
    }

    /// <summary>The ids of the whole text with some words in the answer's place, whatever the template would make of them.</summary>
    public int[] EncodeWith(string words) => guard.Encode(before.Replace(ResponseMark, words, StringComparison.Ordinal) + words + after, block);

    /// <summary>The ids of the whole text that the template writes for an answer, or null where it writes the answer as it stands.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the answer.</exception>
    public int[]? EncodeChanged(string answer)
    {
        string? own = guard.Shield(answer, block);
        string text = own is null ? "" : Render(shielded, own);
        return own is null ? Encode(answer) : text == before + own + after ? null : guard.Encode(text, block);
    }

    /// <summary>The ids of the whole text that the template writes for an answer.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the answer.</exception>
    public int[] Encode(string answer)
    {
        (IReadOnlyList<ChatMessage> all, char free) = guard.Shield([.. messages, new ChatMessage("assistant", answer)]);
        return guard.Encode(template.Render(all, addGenerationPrompt: false), free);
    }

    private string Render(IReadOnlyList<ChatMessage> conversation, string answer) =>
        template.Render([.. conversation.SkipLast(1), conversation[^1] with { Content = answer }], addGenerationPrompt: false);
}
