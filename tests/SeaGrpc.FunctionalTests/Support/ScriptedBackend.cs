using SeaGrpc.Alignment;
using SeaGrpc.Serving;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>The real models, but for the runs that a test scripts.</summary>
internal sealed class ScriptedBackend(AlignmentModels models, Func<AlignmentTask, IAlignmentRun?> script) : IAlignmentBackend
{
    private readonly ModelBackend _real = new(models);

    public IAlignmentRun Start(AlignmentTask task) => script(task) ?? _real.Start(task);

    public TaskMemory MemoryOf(AlignmentTask task) => _real.MemoryOf(task);

    public TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together) => _real.MemoryOf(pairs, together);

    public long MemoryShare => _real.MemoryShare;

    public IReadOnlyList<ScoredResponse> Score(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, double rewardWeight, IReadOnlyList<double>? mixtureWeights) =>
        _real.Score(pairs, rewardWeight, mixtureWeights);

    public void Dispose() => _real.Dispose();
}
