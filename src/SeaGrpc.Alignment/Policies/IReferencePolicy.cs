using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Policies;

/// <summary>
/// The reference policy pi_ref of some models, wherever it is: a loaded model or an engine. It is chosen once, when the models are put
/// together; what a run asks of it is its <see cref="IPolicyState"/>.
/// </summary>
internal interface IReferencePolicy
{
    /// <summary>Whether it runs outside the process.</summary>
    bool IsOutside { get; }

    /// <summary>The models that are loaded for it; none if it runs elsewhere.</summary>
    IReadOnlyList<TransformerDecoder> Decoders { get; }

    /// <summary>Why a task needs more than it tells, as what is said of the method ("needs ..."); null if it does not.</summary>
    string? Refusal(AlignmentTask task);

    /// <summary>Whether another job is reading the same prompt, so that waiting saves a pass.</summary>
    bool IsReading(EncodedPrompt prompt);

    /// <summary>
    /// Tells it which whole responses to a prompt are scored soon, before the prompt is prefilled. If it is outside the process, it begins
    /// to answer.
    /// </summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="rows">The responses.</param>
    /// <param name="cost">Counts the work.</param>
    /// <returns>The figures to come; null if it has not begun.</returns>
    IRowReading? Announce(EncodedPrompt prompt, HardResponses rows, CostCounter cost);

    /// <summary>Reads a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="cost">Counts this and all that the state is asked.</param>
    /// <param name="temperature">Temperature of pi_ref: divisor of all logits.</param>
    IPolicyState Prefill(EncodedPrompt prompt, CostCounter cost, double temperature = 1);
}
