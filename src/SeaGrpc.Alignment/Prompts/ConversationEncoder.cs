using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment;

/// <summary>One model's way from a conversation to ids: its chat template, its tokenizer, exactly one BOS.</summary>
internal sealed class ConversationEncoder
{
    /// <summary>Stands for the response while a template is rendered; a letter sequence that no trimming touches.</summary>
    private const string ResponseMark = "\uE8A0response\uE8A1";

    private readonly Tokenizer tokenizer;
    private readonly ChatTemplate? template;
    private readonly ControlTextGuard guard;

    public ConversationEncoder(Tokenizer tokenizer, ChatTemplate? template)
    {
        this.tokenizer = tokenizer;
        this.template = template;
        guard = new ControlTextGuard(tokenizer);
        EosId = FindEos();
    }

    public bool HasTemplate => template is not null;

    /// <summary>The id that ends an assistant's turn: the template's own where it writes one, else the lowest of the tokenizer's.</summary>
    public int EosId { get; }

    public int[] EncodeConversation(IReadOnlyList<ChatMessage> messages) =>
        WithBos(Encode(messages, addGenerationPrompt: true));

    public int[] EncodeText(string text) => WithBos(tokenizer.Encode(text));

    public string Decode(IEnumerable<int> ids) => tokenizer.Decode(ids);

    /// <summary>What stands before and after an assistant's response to the conversation.</summary>
    public (int[] Prefix, int[] Suffix) EncodeAroundResponse(IReadOnlyList<ChatMessage> messages)
    {
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
