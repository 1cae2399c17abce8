namespace SeaGrpc.Modeling.Families;

/// <summary>An entry of config.json's architectures that is built in.</summary>
/// <param name="Name">The entry: LlamaForCausalLM.</param>
/// <param name="Family">Its family.</param>
/// <param name="Head">What stands on the decoder.</param>
internal sealed record ModelArchitecture(string Name, IModelFamily Family, ModelHead Head)
{
    private static readonly IModelFamily[] Families =
        [new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family(), new Gemma2Family(), new Phi3Family()];

    /// <summary>Every one that is built in.</summary>
    public static IReadOnlyList<ModelArchitecture> All { get; } =
    [
        .. Families.Select(family => new ModelArchitecture($"{family.Name}ForCausalLM", family, ModelHead.Language)),
        .. Families.Select(family => new ModelArchitecture($"{family.Name}ForSequenceClassification", family, ModelHead.Score)),
        new ModelArchitecture("Qwen2ForRewardModel", Families.Single(family => family is Qwen2Family), ModelHead.TwoLayerScore),
    ];

    /// <summary>The names of all that have one of some heads, for messages.</summary>
    public static string Names(params ModelHead[] heads) =>
        string.Join(", ", All.Where(architecture => heads.Contains(architecture.Head)).Select(architecture => architecture.Name));
}
