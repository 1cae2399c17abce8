namespace SeaGrpc.Worlds.Tokenization;

/// <summary>The tokenizer of the support-desk world's models: every word of the world is one token.</summary>
public static class SupportDeskTokenizer
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

    /// <summary>The tokenizer.</summary>
    public static WordTokenizer Build() =>
        WordTokenizerBuilder.Build(WorldVocabulary.Pieces, [Begin, End, User, Assistant, System, Padding]);

    /// <summary>Writes tokenizer.json and tokenizer_config.json.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="maxPositions">Longest sequence in tokens.</param>
    public static void Write(string folder, int maxPositions) =>
        Build().Write(folder, new SequenceMarkers(Begin, End, Padding), ChatTemplate, maxPositions);
}
