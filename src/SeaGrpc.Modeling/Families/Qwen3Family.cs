using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>Qwen3: an RMSNorm on each head's queries and keys, biases only if attention_bias is set, and windows like Qwen2.</summary>
internal sealed class Qwen3Family : IModelFamily
{
    public string Name => "Qwen3";

    public FamilyDefaults Defaults { get; } = new() { KeyValueHeads = 32, HeadSize = 128, MaxPositions = 32_768 };

    public TransformerConfig Complete(ConfigReader config, TransformerConfig common) => common with
    {
        QueryKeyNorm = true,
        AttentionInputBias = config.Flag("attention_bias") ?? false,
        AttentionOutputBias = config.Flag("attention_bias") ?? false,
        Windows = LayerWindows.FromLayer(config, common),
    };
}
