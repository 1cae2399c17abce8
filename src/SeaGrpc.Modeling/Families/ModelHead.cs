namespace SeaGrpc.Modeling.Families;

/// <summary>The head on top of a checkpoint's decoder.</summary>
public enum ModelHead
{
    /// <summary>An output projection to the vocabulary: a language model.</summary>
    Language,

    /// <summary>One linear map to a score: a reward model.</summary>
    Score,

    /// <summary>Two linear maps with a ReLU between: a reward model (Qwen2ForRewardModel).</summary>
    TwoLayerScore,
}
