using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Alignment;

/// <summary>What an engine needs from its models, which are <see cref="AlignmentModels"/>. Used by one thread at a time.</summary>
public interface IAlignmentBackend : IDisposable
{
    /// <summary>Creates the run of a task. The work starts with its first <see cref="IAlignmentRun.Advance"/>.</summary>
    IAlignmentRun Start(AlignmentTask task);

    /// <summary>Memory that a task needs in addition to the weights, estimated from shapes. Called on any thread.</summary>
    TaskMemory MemoryOf(AlignmentTask task);

    /// <summary>
    /// Memory that scoring needs in addition to the weights, with a given number of pairs per turn. Called on any thread.
    /// </summary>
    TaskMemory MemoryOf(IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs, int together);

    /// <summary>
    /// Whether scoring asks something outside the process. Only a job's lane may then wait for it; any other thread would block.
    /// </summary>
    bool AsksOutside => false;

    /// <summary>
    /// Sets how much of what jobs read of responses may be kept for other jobs with the same prompt. Nothing is kept before this is called.
    /// </summary>
    /// <param name="bytes">Maximum memory; 0 to keep nothing. What exceeds a lower value is freed at once.</param>
    void KeepReadings(long bytes)
    {
    }

    /// <summary>Memory of what is kept between jobs, in bytes. Called on any thread.</summary>
    long KeptBytes => 0;

    /// <summary>Memory for all running jobs together if the operator sets none, in bytes; 0 for no limit.</summary>
    long MemoryShare { get; }

    /// <summary>Scores given responses. The scores do not depend on batching.</summary>
    /// <param name="pairs">Prompts and response ids, without EOS.</param>
    /// <param name="rewardWeight">alpha, in nats per reward unit.</param>
    /// <param name="mixtureWeights">The mixture weight of each reward in r, in the models' order; null for 1 each.</param>
    /// <param name="referenceTemperature">Temperature of pi_ref; above 0.</param>
    IReadOnlyList<ScoredResponse> Score(
        IReadOnlyList<(EncodedPrompt Prompt, IReadOnlyList<int> Response)> pairs,
        double rewardWeight,
        IReadOnlyList<double>? mixtureWeights = null,
        double referenceTemperature = 1);

    /// <summary>Reads the tokens of a given response.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids of the response, with EOS if it ends with one; at least one.</param>
    /// <param name="alternatives">Number of the likeliest tokens told at each position; at least 0.</param>
    /// <param name="referenceTemperature">Temperature of pi_ref; above 0.</param>
    /// <param name="gradientOf">
    /// Mixture weights of the rewards, in the models' order, to tell their gradient's norms as well, if there is such a gradient; null to
    /// read with the policy alone.
    /// </param>
    ReadTokens ReadTokens(
        EncodedPrompt prompt, IReadOnlyList<int> response, int alternatives, double referenceTemperature,
        IReadOnlyList<double>? gradientOf = null) =>
        throw new NotSupportedException("This backend reads no single tokens.");

    /// <summary>Memory that <see cref="ReadTokens"/> needs in addition to the weights. Called on any thread.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="response">Ids of the response.</param>
    /// <param name="gradientOf">Mixture weights of the rewards whose gradient is told; null for none.</param>
    TaskMemory MemoryOfReading(EncodedPrompt prompt, IReadOnlyList<int> response, IReadOnlyList<double>? gradientOf) =>
        MemoryOf([(prompt, response)], 1);
}
