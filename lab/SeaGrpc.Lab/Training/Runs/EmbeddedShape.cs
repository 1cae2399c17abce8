using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>The shape of every embedded model: about a million parameters.</summary>
internal static class EmbeddedShape
{
    /// <summary>The shape for a vocabulary.</summary>
    public static TransformerConfig Of(int vocabularySize, int maxPositions) => new()
    {
        VocabularySize = vocabularySize,
        HiddenSize = 128,
        IntermediateSize = 384,
        LayerCount = 4,
        HeadCount = 4,
        KeyValueHeadCount = 4,
        HeadSize = 32,
        MaxPositions = maxPositions,
        RopeTheta = 10_000,
        RmsNormEpsilon = 1e-5,
        TieWordEmbeddings = true,
    };
}
