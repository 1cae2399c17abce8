namespace SeaGrpc.Modeling.Families;

/// <summary>A built-in architecture, as named in config.json's architectures.</summary>
/// <param name="Name">Its name, for example LlamaForCausalLM.</param>
/// <param name="Family">Its family.</param>
/// <param name="Head">The head on top of the decoder.</param>
internal sealed record ModelArchitecture(string Name, IModelFamily Family, ModelHead Head)
{
    private static readonly IModelFamily[] Families =
        [new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family(), new Gemma2Family(), new Phi3Family()];

    /// <summary>All built-in architectures.</summary>
    public static IReadOnlyList<ModelArchitecture> All { get; } =
    [
        .. Families.Select(family => new ModelArchitecture($"{family.Name}ForCausalLM", family, ModelHead.Language)),
        .. Families.Select(family => new ModelArchitecture($"{family.Name}ForSequenceClassification", family, ModelHead.Score)),
        new ModelArchitecture("Qwen2ForRewardModel", Families.Single(family => family is Qwen2Family), ModelHead.TwoLayerScore),
    ];

    /// <summary>The names of all architectures with one of some heads, for messages.</summary>
    public static string Names(params ModelHead[] heads) =>
        string.Join(", ", All.Where(architecture => heads.Contains(architecture.Head)).Select(architecture => architecture.Name));
}
