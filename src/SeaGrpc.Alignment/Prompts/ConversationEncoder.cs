using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment;

/// <summary>One model's way from a conversation to ids: its chat template, its tokenizer, exactly one BOS. Thread-safe.</summary>
/// <remarks>Special tokens inside a caller's text are text; only what the template writes around it is control.</remarks>
public sealed class ConversationEncoder
{
    /// <summary>Stands for the response while a template is rendered; a letter sequence that no trimming touches.</summary>
    private const string ResponseMark = "\uE8A0response\uE8A1";

    private readonly Tokenizer tokenizer;
    private readonly ChatTemplate? template;
    private readonly ControlTextGuard guard;

    /// <summary>For a model's tokenizer and its chat template, or null where it has none.</summary>
    /// <exception cref="ChatTemplateException">The template cannot render one user turn and its answer.</exception>
    public ConversationEncoder(Tokenizer tokenizer, ChatTemplate? template)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        this.tokenizer = tokenizer;
        this.template = template;
        guard = new ControlTextGuard(tokenizer);
        EosId = FindEos();
    }

    /// <summary>Whether conversations can be encoded.</summary>
    public bool HasTemplate => template is not null;

    /// <summary>The id that ends an assistant's turn: the template's own where it writes one, else the lowest of the tokenizer's.</summary>
    public int EosId { get; }

    /// <summary>A conversation by the template, up to where the assistant's turn begins.</summary>
    /// <exception cref="ChatTemplateException">The template rejects it.</exception>
    public int[] EncodeConversation(IReadOnlyList<ChatMessage> messages) =>
        WithBos(Encode(messages, addGenerationPrompt: true));

    /// <summary>A text as it stands, BOS before it.</summary>
    public int[] EncodeText(string text) => WithBos(tokenizer.Encode(text));

    /// <summary>The text of ids, without special tokens.</summary>
    public string Decode(IEnumerable<int> ids) => tokenizer.Decode(ids);

    /// <summary>What stands before and after an assistant's response to the conversation.</summary>
    /// <exception cref="ChatTemplateException">The template rejects it.</exception>
    public (int[] Prefix, int[] Suffix) EncodeAroundResponse(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (template is null)
        {
            return (WithBos(tokenizer.Encode(string.Join("\n", messages.Select(message => message.Content)))), [EosId]);
        }

        (IReadOnlyList<ChatMessage> shielded, char block) = guard.Shield([.. messages, new ChatMessage("assistant", ResponseMark)]);
        string text = template.Render(shielded, addGenerationPrompt: false);
        int at = text.LastIndexOf(ResponseMark, StringComparison.Ordinal);
        if (at < 0)
        {
            throw new ChatTemplateException("The reward model's chat template does not write the assistant's last turn out.");
        }

        int[] suffix = guard.Encode(text[(at + ResponseMark.Length)..], block);
        return (WithBos(guard.Encode(text[..at], block)), suffix.Length > 0 ? suffix : [EosId]);
    }

    /// <summary>The ids with exactly one BOS in front where the model has one.</summary>
    public int[] WithBos(IReadOnlyList<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (tokenizer.BosId is not { } bos)
        {
            return [.. ids];
        }

        return [bos, .. ids.SkipWhile(id => id == bos)];
    }

    private int[] Encode(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        (IReadOnlyList<ChatMessage> shielded, char block) = guard.Shield(messages);
        return guard.Encode(template!.Render(shielded, addGenerationPrompt), block);
    }

    private int FindEos()
    {
        if (template is not null)
        {
            string text = template.Render([new ChatMessage("user", "a"), new ChatMessage("assistant", ResponseMark)], addGenerationPrompt: false);
            int at = text.LastIndexOf(ResponseMark, StringComparison.Ordinal);
            if (at >= 0)
            {
                foreach (int id in tokenizer.Encode(text[(at + ResponseMark.Length)..], parseSpecialTokens: true))
                {
                    if (tokenizer.EosIds.Contains(id))
                    {
                        return id;
                    }
                }
            }
        }

        return tokenizer.EosIds.Min();
    }
}
