namespace SeaGrpc.Modeling.Tokenization;

/// <summary>The defaults of a tokenizer class in transformers, for keys that tokenizer_config.json omits.</summary>
/// <param name="Roles">Tokens by their roles.</param>
/// <param name="AddsBos">Whether it puts BOS first if neither add_bos_token nor the post_processor decides.</param>
internal sealed record TokenizerClass(IReadOnlyDictionary<string, string> Roles, bool AddsBos)
{
    private static readonly TokenizerClass Llama = Of(true, ("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>"));
    private static readonly TokenizerClass Gemma = Of(
        true, ("bos_token", "<bos>"), ("eos_token", "<eos>"), ("unk_token", "<unk>"), ("pad_token", "<pad>"));
    private static readonly TokenizerClass Qwen2 = Of(
        false, ("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>"), ("pad_token", "<|endoftext|>"));
    private static readonly TokenizerClass Gpt2 = Of(
        false, ("bos_token", "<|endoftext|>"), ("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>"));

    /// <summary>The class with a name, with or without "Fast". If it is unknown or null, a class without defaults.</summary>
    internal static TokenizerClass Find(string? name) =>
        (name?.EndsWith("Fast", StringComparison.Ordinal) == true ? name[..^4] : name) switch
        {
            "LlamaTokenizer" or "CodeLlamaTokenizer" => Llama,
            "GemmaTokenizer" => Gemma,
            "Qwen2Tokenizer" => Qwen2,
            "GPT2Tokenizer" => Gpt2,
            _ => Of(false),
        };

    private static TokenizerClass Of(bool addsBos, params (string Role, string Content)[] roles) =>
        new(roles.ToDictionary(role => role.Role, role => role.Content), addsBos);
}
