namespace SeaGrpc.Cli.Hub;

/// <summary>A file on the Hub.</summary>
/// <param name="Name">Its name in the model's folder.</param>
/// <param name="Etag">What names its content: its SHA-256 (large files), git's hash of it, or something else.</param>
/// <param name="Size">Its length in bytes.</param>
internal sealed record HubFile(string Name, string Etag, long Size)
{
    private static readonly string[] Texts =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja",
    ];

    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    /// <summary>The files of a model that the server reads, in the order in which they are worth having.</summary>
    /// <param name="all">The names of all files of the model.</param>
    /// <param name="withWeights">Whether weights are among them.</param>
    /// <returns>The names; no name of weights if there are none in this format.</returns>
    public static IReadOnlyList<string> Choose(IReadOnlyCollection<string> all, bool withWeights)
    {
        string[] weights = !withWeights ? []
            : all.Contains(Single) ? [Single]
            : all.Contains(Index) ? [Index, .. all.Where(IsShard).Order(StringComparer.Ordinal)]
            : [];
        return [.. Texts.Where(all.Contains), .. weights];
    }

    /// <summary>Whether a name is one of weights.</summary>
    public static bool IsWeights(string name) => name == Single || IsShard(name);

    private static bool IsShard(string name) => name.StartsWith("model-", StringComparison.Ordinal)
        && name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal);
}
