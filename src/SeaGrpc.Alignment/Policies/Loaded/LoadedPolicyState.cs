using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Policies.Loaded;

/// <summary>A loaded policy after a prompt. Owns its reading, and what rewards read through its layers.</summary>
/// <param name="models">The models.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="reading">The policy's reading of it.</param>
/// <param name="cost">Counts the passes.</param>
internal sealed class LoadedPolicyState(AlignmentModels models, EncodedPrompt prompt, PolicyReading reading, CostCounter cost)
    : IPolicyState
{
    public bool ReadsRows => true;

    public bool TellsAllTokens => true;

    public bool TellsDrawn => false;

    public PolicyReading Loaded => reading;

    private PolicyPasses Passes => new(reading, cost);

    public PolicyRows Start(RunContext context, int rows, int maxTokens, IReadOnlyList<int> prefix) =>
        new LoadedPolicyRows(context, rows, maxTokens, prefix);

    public BeamOutlook[] Next(IReadOnlyList<PolicyRows> groups) => groups.Count == 0 ? [] :
    [
        .. LoadedPolicyRows.Logits([.. groups.Select(group => group.Loaded)]).Select(logits => new LoadedBeamOutlook(models, logits)),
    ];

    public BeamOutlook?[] Ahead(IReadOnlyList<PolicyRows> groups) => Next(groups);

    public void Draw(IReadOnlyList<(PolicyRows Rows, BeamOutlook? Next)> groups, int maxTokens, int topK)
    {
        foreach ((PolicyRows rows, BeamOutlook? next) in groups)
        {
            rows.Loaded.Draw(((LoadedBeamOutlook)next!).Logits, topK);
        }
    }

    public IRowReading Ask(HardResponses rows) => new LoadedRowReading(Passes);

    public ReadTokens Read(IReadOnlyList<int> response, int alternatives, double temperature = 1) =>
        TokenReading.Of(Passes, response, alternatives, temperature) with { PolicyTokens = cost.Cost.PolicyTokens };

    public (IReadOnlyList<float> Surprisal, double Entropy) Surprise(IReadOnlyList<int> response)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using IPolicyState plain = models.Reference.Prefill(prompt, new CostCounter());
        float[] surprisal = [.. plain.Read(response, alternatives: 0).LogProbabilities.Select(own => -own)];
        Tensor first = nn.functional.log_softmax(
            ModelPasses.Logits(reading.Decoder, reading.Last.flatten(0, 1)).to(ScalarType.Float32), -1);
        return (surprisal, -(first.exp() * first).sum().item<float>());
    }

    public void KeepReading() => reading.Keep(cost.PolicyKnown);

    public void Dispose() => reading.Dispose();
}
