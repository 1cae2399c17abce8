using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>Llama 2, 3, 3.1 and 3.2: the base form, with biases if config.json sets them.</summary>
internal sealed class LlamaFamily : IModelFamily
{
    public string Name => "Llama";

    public FamilyDefaults Defaults { get; } = new();

    public TransformerConfig Complete(ConfigReader config, TransformerConfig common) => common with
    {
        AttentionInputBias = config.Flag("attention_bias") ?? false,
        AttentionOutputBias = config.Flag("attention_bias") ?? false,
        FeedForwardBias = config.Flag("mlp_bias") ?? false,
    };
}
