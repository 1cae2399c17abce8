using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// How SEA moves through responses of low energy. The energy is given; a sampler only decides where to look next. It owns its tensors.
/// <see cref="SeaRun"/> owns the loop, the best response so far and the stopping rule.
/// </summary>
internal interface ISeaSampler : IDisposable
{
    /// <summary>Scores the chains' starts.</summary>
    IReadOnlyList<SampledChain> Start();

    /// <summary>One iteration over all chains.</summary>
    IReadOnlyList<SampledChain> Iterate();

    /// <summary>Logits Y / tau [chains, positions, vocabulary] for a guided decode, or null if the sampler has none.</summary>
    TorchSharp.torch.Tensor? Guide();
}

/// <summary>The position of one chain.</summary>
/// <param name="Row">Its hard response, scored exactly.</param>
/// <param name="GradientNorm">Euclidean norm of dU/dY of the last step, or null at the start.</param>
internal sealed record SampledChain(ScoredRow Row, double? GradientNorm)
{
    /// <summary>
    /// Other responses that the iteration scored exactly. One of them may be a better answer than the chain's new response.
    /// </summary>
    public IReadOnlyList<ScoredResponse> Left { get; init; } = [];
}
