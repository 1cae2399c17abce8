namespace SeaGrpc.Alignment;

/// <summary>What an engine asks of its models, which are <see cref="AlignmentModels"/>. Used by one thread at a time.</summary>
public interface IAlignmentBackend : IDisposable
{
    /// <summary>Makes the run of a task; the work starts with its first <see cref="IAlignmentRun.Advance"/>.</summary>
    IAlignmentRun Start(AlignmentTask task);

    /// <summary>What a task needs beside the weights, from shapes alone. Called on any thread.</summary>
    TaskMemory MemoryOf(AlignmentTask task);

    /// <summary>
    /// What scoring the given responses needs besides the weights, with a given number of pairs per turn. Called on any thread.
    /// </summary>
    TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together);

    /// <summary>Memory for all running jobs together where the operator names none, in bytes; 0 means no bound.</summary>
    long MemoryShare { get; }

    /// <summary>Scores given responses; the scores do not depend on how the pairs are batched.</summary>
    /// <param name="pairs">Prompts and response ids, EOS excluded.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="mixtureWeights">Each reward's mixture weight in r, in the models' order; null is 1 for each.</param>
    /// <param name="referenceTemperature">Temperature of pi_ref; above 0.</param>
    IReadOnlyList<ScoredResponse> Score(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        double rewardWeight,
        IReadOnlyList<double>? mixtureWeights = null,
        double referenceTemperature = 1);
}
