using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>The shapes of the embedded models.</summary>
internal static class EmbeddedShape
{
    private const int HeadSize = 32;

    /// <summary>The usual shape for a vocabulary: about a million parameters.</summary>
    public static TransformerConfig Of(int vocabularySize, int maxPositions) => Of(vocabularySize, maxPositions, heads: 4);

    /// <summary>A smaller shape for a vocabulary: about half a million parameters.</summary>
    public static TransformerConfig Small(int vocabularySize, int maxPositions) => Of(vocabularySize, maxPositions, heads: 3);

    private static TransformerConfig Of(int vocabularySize, int maxPositions, int heads) => new()
    {
        VocabularySize = vocabularySize,
        HiddenSize = heads * HeadSize,
        IntermediateSize = 3 * heads * HeadSize,
        LayerCount = 4,
        HeadCount = heads,
        KeyValueHeadCount = heads,
        HeadSize = HeadSize,
        MaxPositions = maxPositions,
        RopeTheta = 10_000,
        RmsNormEpsilon = 1e-5,
        TieWordEmbeddings = true,
    };
}
