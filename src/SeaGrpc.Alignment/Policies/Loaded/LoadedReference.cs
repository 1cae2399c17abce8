using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Alignment.Policies.Loaded;

/// <summary>The reference policy as a loaded model.</summary>
/// <param name="models">The models.</param>
internal sealed class LoadedReference(AlignmentModels models) : IReferencePolicy
{
    public bool IsOutside => false;

    public IReadOnlyList<TransformerDecoder> Decoders { get; } = [models.Policy.Decoder];

    public string? Refusal(AlignmentTask task) => null;

    public bool IsReading(EncodedPrompt prompt) => models.Policy.Decoder.IsReading(prompt.Policy);

    public IRowReading? Announce(EncodedPrompt prompt, HardResponses rows, CostCounter cost) => null;

    public IPolicyState Prefill(EncodedPrompt prompt, CostCounter cost, double temperature = 1)
    {
        PolicyReading reading = PolicyReading.Of(models.Policy.Decoder, prompt.Policy, cost.PolicyReused, temperature);
        cost.PolicyForward(prompt.Policy.Count);
        return new LoadedPolicyState(models, prompt, reading, cost);
    }
}
