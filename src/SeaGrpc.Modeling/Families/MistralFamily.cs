using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>Mistral: every layer has a sliding window if sliding_window is set.</summary>
internal sealed class MistralFamily : IModelFamily
{
    public string Name => "Mistral";

    public FamilyDefaults Defaults { get; } = new() { KeyValueHeads = 8, MaxPositions = 131_072 };

    public TransformerConfig Complete(ConfigReader config, TransformerConfig common) =>
        common with
        {
            Windows = LayerWindows.Read(config, common, absent: config.HasKey("sliding_window") ? null : 4096, isSliding: _ => true),
        };
}
