using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// How SEA moves through responses of low energy. The energy is given; a sampler only decides where to look next. It owns
/// its tensors; <see cref="SeaRun"/> owns the loop, the best so far and the stopping.
/// </summary>
internal interface ISeaSampler : IDisposable
{
    /// <summary>Scores where the chains start.</summary>
    IReadOnlyList<SampledChain> Start();

    /// <summary>One iteration over all chains.</summary>
    IReadOnlyList<SampledChain> Iterate();

    /// <summary>Logits Y / tau [chains, positions, vocabulary] for a guided decode, or null if the sampler has none.</summary>
    TorchSharp.torch.Tensor? Guide();
}

/// <summary>Where one chain is.</summary>
/// <param name="Row">Its hard response, scored exactly.</param>
/// <param name="GradientNorm">Euclidean norm of dU/dY of the step that led here, or null at the start.</param>
internal sealed record SampledChain(ScoredRow Row, double? GradientNorm)
{
    /// <summary>Responses that the iteration scored exactly, one of which may be a better answer than where the chain went.</summary>
    public IReadOnlyList<ScoredResponse> Left { get; init; } = [];
}
