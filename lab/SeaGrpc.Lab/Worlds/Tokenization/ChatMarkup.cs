namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>The control tokens and the chat template that the models of every world share.</summary>
public static class ChatMarkup
{
    /// <summary>Begins every sequence; the chat template writes it.</summary>
    public const string Begin = "<|bos|>";

    /// <summary>Ends an assistant's turn.</summary>
    public const string End = "<|eos|>";

    /// <summary>Opens a user's turn.</summary>
    public const string User = "<|user|>";

    /// <summary>Opens an assistant's turn.</summary>
    public const string Assistant = "<|assistant|>";

    /// <summary>Opens a system turn.</summary>
    public const string System = "<|system|>";

    /// <summary>Fills short rows of a batch; never read.</summary>
    public const string Padding = "<|pad|>";

    /// <summary>The chat template, in Jinja.</summary>
    public const string ChatTemplate =
        "{{ bos_token }}{% for message in messages %}"
        + "{{ '<|' + message['role'] + '|>' + message['content'] }}"
        + "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}"
        + "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

    /// <summary>A tokenizer that holds every given piece as one token, and the control tokens.</summary>
    /// <param name="pieces">Words, with a leading space where they have one.</param>
    public static WordTokenizer Tokenizer(IEnumerable<string> pieces) =>
        WordTokenizerBuilder.Build(pieces, [Begin, End, User, Assistant, System, Padding]);

    /// <summary>Writes tokenizer.json and tokenizer_config.json.</summary>
    /// <param name="tokenizer">A tokenizer with these control tokens.</param>
    /// <param name="folder">An existing folder.</param>
    /// <param name="maxPositions">Longest sequence in tokens.</param>
    public static void Write(WordTokenizer tokenizer, string folder, int maxPositions)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        tokenizer.Write(folder, new SequenceMarkers(Begin, End, Padding), ChatTemplate, maxPositions);
    }
}
