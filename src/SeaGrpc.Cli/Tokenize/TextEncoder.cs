using SeaGrpc.Alignment.Prompts;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Cli.Tokenize;

/// <summary>
/// Encodes texts and conversations as the server does, and keeps what each token stands for. Where special tokens are parsed, a text is
/// read exactly as written: no BOS is added.
/// </summary>
internal sealed class TextEncoder(Tokenizer tokenizer, ChatTemplate? template, bool parsesSpecialTokens)
{
    private readonly ConversationEncoder _conversations = new(tokenizer, template);

    /// <summary>A text as it stands; as for the server, BOS comes before it where the tokenizer puts one.</summary>
    public EncodedText EncodeText(string text) =>
        Describe(null, parsesSpecialTokens ? tokenizer.Encode(text, parseSpecialTokens: true) : _conversations.EncodeText(text));

    /// <summary>A conversation by the template, up to where the assistant's turn begins.</summary>
    /// <exception cref="CliException">There is no template, or it rejects the conversation.</exception>
    public EncodedText EncodeChat(IReadOnlyList<ChatMessage> messages)
    {
        if (template is null)
        {
            throw new CliException(
                "The folder has no chat template: add chat_template.jinja, or chat_template to tokenizer_config.json.", ExitCodes.Failure);
        }

        try
        {
            var rendered = template.Render(messages, addGenerationPrompt: true);
            var ids = parsesSpecialTokens
                ? tokenizer.Encode(rendered, parseSpecialTokens: true)
                : _conversations.EncodeConversation(messages);
            return Describe(rendered, ids);
        }
        catch (ChatTemplateException error)
        {
            throw new CliException($"The chat template rejects the conversation: {error.Message}", ExitCodes.Failure, error);
        }
    }

    private EncodedText Describe(string? rendered, IReadOnlyList<int> ids)
    {
        var decoder = tokenizer.StartDecoding(keepSpecialTokens: true);
        var tokens = ids.Select(id => new EncodedToken(id, tokenizer.TokenOf(id)!, decoder.Add(id), tokenizer.IsSpecial(id))).ToArray();
        if (tokens.Length > 0)
        {
            tokens[^1] = tokens[^1] with { Text = tokens[^1].Text + decoder.End() };
        }

        return new EncodedText(rendered, tokens);
    }
}
