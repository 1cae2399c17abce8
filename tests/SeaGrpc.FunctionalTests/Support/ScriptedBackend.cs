using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>The real models, but for the runs that a test scripts.</summary>
internal sealed class ScriptedBackend(AlignmentModels models, Func<AlignmentTask, IAlignmentRun?> script) : IAlignmentBackend
{
    public IAlignmentRun Start(AlignmentTask task) => script(task) ?? models.Start(task);

    public TaskMemory MemoryOf(AlignmentTask task) => models.MemoryOf(task);

    public TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together) =>
        models.MemoryOf(pairs, together);

    public long MemoryShare => models.MemoryShare;

    public void KeepReadings(long bytes) => models.KeepReadings(bytes);

    public long KeptBytes => models.KeptBytes;

    public bool AsksOutside => models.AsksOutside;

    public IReadOnlyList<ScoredResponse> Score(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        double rewardWeight,
        IReadOnlyList<double>? mixtureWeights = null,
        double referenceTemperature = 1) => models.Score(pairs, rewardWeight, mixtureWeights, referenceTemperature);

    public ReadTokens ReadTokens(
        EncodedPrompt prompt, IReadOnlyList<int> response, int alternatives, double referenceTemperature,
        IReadOnlyList<double>? gradientOf = null) =>
        models.ReadTokens(prompt, response, alternatives, referenceTemperature, gradientOf);

    public void Dispose() => models.Dispose();
}
