using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Sea;

/// <summary>The paper's ablations, each a parameter: what is taken away has no effect any more, and had one before.</summary>
public sealed class AblationTests
{
    private static readonly int[] Draft = [65, 66, 67, 68, 69, 70];

    public static TheoryData<SeaParameters> Presets =>
    [
        SeaParameters.Langevin with { Iterations = 6, PlateauIterations = 0 },
        SeaParameters.Paper with { Iterations = 6 },
    ];

    [Theory]
    [MemberData(nameof(Presets))]
    public void One_chain_is_one_chain(SeaParameters preset)
    {
        using AlignmentModels models = TinyModels.Load(3);
        Assert.All(Trajectory(models, preset with { Chains = 1 }), step => Assert.Single(step));
        Assert.All(Trajectory(models, preset), step => Assert.Equal(4, step.Length));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Random_chains_do_not_start_at_samples_of_the_policy(SeaParameters preset)
    {
        using AlignmentModels models = TinyModels.Load(3, new TinyShape(Deviation: 1));
        double Start(SeaParameters method) => Enumerable.Range(0, 5).Average(seed =>
            ((DraftUpdate)Runs.Run(models, Runs.Task(method with { Iterations = 1 }, (ulong)seed)).Updates[0]).Chains.Average(
                chain => chain.Response.LogProbability));

        Assert.True(Start(preset) > Start(preset with { Initialization = SeaInitialization.Random }) + 10);
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Without_reward_the_reward_model_moves_nothing(SeaParameters preset)
    {
        using AlignmentModels models = TinyModels.Load(3);
        void Turn()
        {
            using var noGrad = no_grad();
            models.Reward.Head.Weight.neg_();
        }

        Assert.Equal(Trajectory(models, preset with { RewardWeight = 0 }), Trajectory(models, preset with { RewardWeight = 0 }, Turn));
        Assert.NotEqual(Trajectory(models, preset with { RewardWeight = 50 }), Trajectory(models, preset with { RewardWeight = 50 }, Turn));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Without_reference_the_policy_moves_nothing(SeaParameters preset)
    {
        // From random logits, so that the policy has no part in the start either.
        SeaParameters method = preset with { Initialization = SeaInitialization.Random, Chains = 1, StepSize = 1 };
        using AlignmentModels models = TinyModels.Load(3);
        void Turn()
        {
            using var noGrad = no_grad();
            models.Policy.Decoder.EmbeddingWeight.MultiplyInPlace(1.5);
        }

        Assert.Equal(
            Trajectory(models, method with { Reference = SeaReference.None }),
            Trajectory(models, method with { Reference = SeaReference.None }, Turn));
        Assert.NotEqual(Trajectory(models, method), Trajectory(models, method, Turn));
    }

    [Fact]
    public void Without_noise_a_vanishing_step_moves_nothing()
    {
        using AlignmentModels models = TinyModels.Load(3);
        SeaParameters still = SeaParameters.Paper with { Iterations = 6, StepSize = 1e-6, NoiseScale = 1 };

        Assert.All(Trajectory(models, still with { Noise = SeaNoise.None }), step => Assert.Equal(Draft, step[0]));
        Assert.Contains(Trajectory(models, still), step => !step[0].SequenceEqual(Draft));
    }

    [Fact]
    public void Without_smoothing_the_gradient_is_another()
    {
        using AlignmentModels models = TinyModels.Load(3);
        double Norm(double noise) => Runs.Run(models, Runs.Task(SeaParameters.Langevin with { Iterations = 1, EmbeddingNoise = noise }))
            .Updates.OfType<IterationUpdate>().First().Chains[0].GradientNorm!.Value;

        Assert.NotEqual(Norm(0), Norm(0.8), 1e-3);
    }

    /// <summary>
    /// Every chain's tokens after every iteration, from a draft of the caller's; a change is made to the models before, and undone by their
    /// disposal.
    /// </summary>
    private static List<int[][]> Trajectory(AlignmentModels models, SeaParameters method, Action? before = null)
    {
        before?.Invoke();
        return [.. Runs.Run(models, Runs.Task(method) with { Draft = Draft }).Updates.OfType<IterationUpdate>()
            .Select(update => update.Chains.Select(chain => chain.Response.Tokens.ToArray()).ToArray())];
    }
}
