using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>
/// Qwen2 and Qwen2.5: biases on q, k and v, and a sliding window from layer max_window_layers on if use_sliding_window is set.
/// </summary>
internal sealed class Qwen2Family : IModelFamily
{
    public string Name => "Qwen2";

    public FamilyDefaults Defaults { get; } = new() { KeyValueHeads = 32, MaxPositions = 32_768 };

    public TransformerConfig Complete(ConfigReader config, TransformerConfig common) =>
        common with { AttentionInputBias = true, Windows = LayerWindows.FromLayer(config, common) };
}
