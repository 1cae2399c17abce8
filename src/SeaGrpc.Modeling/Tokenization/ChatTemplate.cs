namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A checkpoint's chat template. Thread-safe.</summary>
public sealed class ChatTemplate
{
    /// <summary>Reads chat_template.jinja, or the key of that name in tokenizer_config.json.</summary>
    /// <returns>The template, or null where the folder has none.</returns>
    public static ChatTemplate? Load(string folder) => throw new NotImplementedException(folder);

    /// <summary>The text of a conversation, special tokens written out (BOS too, where the template writes it).</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">Whether to end with what opens the assistant's turn.</param>
    /// <exception cref="ChatTemplateException">The template rejects the conversation, or is itself wrong.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) => throw new NotImplementedException();
}

/// <summary>A chat template that cannot be parsed, or that rejects a conversation.</summary>
public sealed class ChatTemplateException(string message) : Exception(message);
