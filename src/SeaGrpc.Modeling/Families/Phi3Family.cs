using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>Phi-3, 3.5 and 4 mini: q, k and v stored as one matrix, gate and up as another, and an optional sliding window.</summary>
internal sealed class Phi3Family : IModelFamily
{
    public string Name => "Phi3";

    public FamilyDefaults Defaults { get; } =
        new() { MaxPositions = 4096, OriginalPositions = 4096, RmsNormEpsilon = 1e-5, RotatesPartOfHeads = true };

    public TransformerConfig Complete(ConfigReader config, TransformerConfig common) => common with
    {
        FusedProjections = true,
        Windows = LayerWindows.Read(config, common, absent: null, isSliding: _ => true),
    };
}
