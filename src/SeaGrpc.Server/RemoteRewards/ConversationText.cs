using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>Writes a conversation with a response as the one text that a reward over HTTP reads.</summary>
/// <param name="template">The chat template; null for one turn per line.</param>
internal sealed class ConversationText(ChatTemplate? template)
{
    /// <summary>Whether a template writes the special tokens, so that none may be added to them.</summary>
    public bool HasTemplate => template is not null;

    /// <summary>Loads the template of a folder.</summary>
    /// <param name="folder">The folder; null for one turn per line.</param>
    /// <exception cref="InvalidDataException">The folder has no chat template.</exception>
    public static ConversationText Load(string? folder) => folder is null
        ? new ConversationText(null)
        : new ConversationText(ChatTemplate.Load(folder) ?? throw new InvalidDataException(
            $"{folder} has no chat template: add tokenizer_config.json with chat_template, or chat_template.jinja, or omit Template."));

    /// <summary>The text.</summary>
    /// <exception cref="ChatTemplateException">The template rejects the conversation.</exception>
    public string Of(IReadOnlyList<ChatMessage> messages, string response)
    {
        ChatMessage[] all = [.. messages, new ChatMessage("assistant", response)];
        return template?.Render(all, addGenerationPrompt: false) ?? string.Join('\n', all.Select(turn => turn.Content));
    }
}
