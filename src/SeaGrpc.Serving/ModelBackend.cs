using SeaGrpc.Alignment;

namespace SeaGrpc.Serving;

/// <summary>The backend over loaded models.</summary>
/// <param name="models">The models; owned and disposed with the backend.</param>
public sealed class ModelBackend(AlignmentModels models) : IAlignmentBackend
{
    /// <inheritdoc/>
    public IAlignmentRun Start(AlignmentTask task) => models.Start(task);

    /// <inheritdoc/>
    public TaskMemory MemoryOf(AlignmentTask task) => TaskMemory.Of(models, task);

    /// <inheritdoc/>
    public TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together) =>
        TaskMemory.OfScores(models, pairs, together);

    /// <inheritdoc/>
    public long MemoryShare { get; } = Alignment.MemoryShare.Of(models);

    /// <inheritdoc/>
    public IReadOnlyList<ScoredResponse> Score(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, double rewardWeight, IReadOnlyList<double>? mixtureWeights) =>
        models.Score(pairs, rewardWeight, mixtureWeights);

    /// <inheritdoc/>
    public void Dispose() => models.Dispose();
}
