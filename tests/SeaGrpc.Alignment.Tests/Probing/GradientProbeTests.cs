using SeaGrpc.Alignment.Probing;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Probing;

public sealed class GradientProbeTests
{
    private static readonly SeaParameters TargetsOnly = SeaParameters.Default with { Reference = SeaReference.Detached, RewardWeight = 0 };

    [Fact]
    public void Of_the_last_token_before_the_limit_the_reference_term_is_exact()
    {
        // One token, the last: it is the input of nothing, so the energy is linear in it.
        using AlignmentModels models = TinyModels.Load(3);
        var response = new ScoredResponse([65], EndsWithEos: false, 0, 0, 0);
        SubstitutionChanges changes = GradientProbe.Measure(
            models, Runs.Prompt, response, TargetsOnly, [0], substitutions: 10, draws: 1, seed: 1);

        Assert.Equal(10, changes.Exact.Count);
        Assert.All(changes.Exact.Zip(changes.Predicted[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.Contains(changes.Exact, change => Math.Abs(change) > 0.1);
    }

    [Fact]
    public void Smoothing_changes_the_predictions_and_not_the_truth()
    {
        using AlignmentModels models = TinyModels.Load(3);
        ScoredResponse response = PolicySamples.Draw(models, Runs.Prompt, 1, 12, seed: 5)[0];
        SubstitutionChanges changes = GradientProbe.Measure(
            models, Runs.Prompt, response, SeaParameters.Default, [0, 0.8], substitutions: 20, draws: 3, seed: 1);
        SubstitutionChanges again = GradientProbe.Measure(
            models, Runs.Prompt, response, SeaParameters.Default, [0], substitutions: 20, draws: 3, seed: 1);

        Assert.NotEqual(changes.Predicted[0], changes.Predicted[1]);
        Assert.Equal(again.Predicted[0], changes.Predicted[0]);
        Assert.Equal(again.Exact, changes.Exact);
    }

    [Fact]
    public void An_empty_response_has_nothing_to_substitute()
    {
        using AlignmentModels models = TinyModels.Load(3);
        SubstitutionChanges changes = GradientProbe.Measure(
            models, Runs.Prompt, new ScoredResponse([], true, 0, 0, 0), SeaParameters.Default, [0, 1], substitutions: 5, draws: 2, seed: 1);

        Assert.Empty(changes.Exact);
        Assert.All(changes.Predicted, Assert.Empty);
    }

    [Fact]
    public void Samples_are_what_best_of_n_would_choose_from()
    {
        using AlignmentModels models = TinyModels.Load(3);
        double best = Runs.Run(
            models, Runs.Task(new SeaGrpc.Alignment.BestOfN.BestOfNParameters { SampleCount = 20 })).Outcome.Response.Reward;

        Assert.Equal(best, PolicySamples.Draw(models, Runs.Prompt, 20, 12, seed: 7).Max(sample => sample.Reward), 1e-5);
    }
}
