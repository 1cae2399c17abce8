using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Iterations;

/// <summary>
/// One Langevin iteration of ours and of the plain version on the same models, prompt and drafts. Each side takes its memory
/// when it first runs. One thread.
/// </summary>
/// <param name="models">The models, with one reward model; not taken over.</param>
/// <param name="setting">The lengths.</param>
/// <param name="method">The parameters, of Langevin dynamics.</param>
/// <param name="clock">The time: that of the wall, or of the processor where the machine is busy with other work.</param>
public sealed class IterationBench(AlignmentModels models, IterationSetting setting, SeaParameters method, Func<TimeSpan> clock) : IDisposable
{
    // However often it is measured, no iteration is the last: that one takes no gradient.
    private readonly SeaParameters parameters = method with { Chains = setting.Chains, Iterations = int.MaxValue };

    private RunContext? oursContext;
    private LangevinSampler? ours;
    private RunContext? plainContext;
    private PlainIteration? plain;
    private double computed;
    private int measured;

    /// <summary>Operations that a gradient at these lengths needs (<see cref="IterationOperations"/>).</summary>
    public double NecessaryOperations => Operations.Necessary;

    /// <summary>Operations of the matrix products that an iteration of ours did, on average.</summary>
    public double ComputedOperations => computed / measured;

    /// <summary>Admission's estimate of what a job of these lengths holds.</summary>
    public TaskMemory Estimate => TaskMemory.Of(models, Task());

    /// <summary>Whether the plain version's gradient gives the exact energies too, as ours does: without smoothing noise.</summary>
    private bool ScoresByGradient => parameters.EmbeddingNoise == 0;

    private IterationOperations Operations => IterationOperations.Of(models.Policy.Decoder.Config, Reward.Config, setting);

    private TransformerDecoder Reward => ((ModelReward)models.Rewards[0]).Model.Decoder;

    /// <summary>Reads the prompt and makes the chains of our side, or does nothing where they are there.</summary>
    public void PrepareOurs()
    {
        if (ours is null)
        {
            oursContext = Context();
            oursContext.Prefill();
            ours = new LangevinSampler(oursContext, parameters, Drafts());
        }
    }

    /// <summary>One iteration of ours.</summary>
    /// <returns>Its time: gradient, step, argmax, exact energies, KL per token.</returns>
    public TimeSpan Ours()
    {
        PrepareOurs();
        TimeSpan start = clock();
        long before = oursContext!.Cost.PolicyForwardTokens;
        ours!.Iterate();
        TimeSpan time = clock() - start;
        Count(oursContext.Cost.PolicyForwardTokens - before);
        return time;
    }

    /// <summary>One iteration of the plain version.</summary>
    /// <returns>The time of gradient and step, and that of argmax and exact energies, where these are not by-products.</returns>
    public (TimeSpan Moving, TimeSpan Scoring) Plain()
    {
        if (plain is null)
        {
            plainContext = Context();
            plainContext.Prefill();
            plain = new PlainIteration(plainContext, parameters, Drafts());
        }

        TimeSpan start = clock();
        using (NewDisposeScope())
        {
            Tensor gradient = plain.Gradient();
            _ = gradient.norm().item<float>();
            plain.Step(gradient);
        }

        TimeSpan moving = clock() - start;
        if (ScoresByGradient)
        {
            return (moving, TimeSpan.Zero);
        }

        plain.Score();
        return (moving, clock() - start - moving);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ours?.Dispose();
        oursContext?.Dispose();
        plain?.Dispose();
        plainContext?.Dispose();
    }

    // Chains that stay where they are are not read again.
    private void Count(long policyTokens)
    {
        long all = (long)setting.Chains * (setting.Positions - 1);
        double read = (double)(policyTokens - all) / all;
        computed += Operations.Gradient + (ScoresByGradient ? 0 : (read * Operations.Reading) + Operations.Logits);
        measured++;
    }

    private RunContext Context() => new(models, Task());

    private AlignmentTask Task() => new()
    {
        Prompt = new RandomStart(models, setting.Seed).Prompt(setting.PromptTokens),
        Method = parameters,
        Seed = setting.Seed,
        MaxResponseTokens = setting.Positions,
    };

    private HardResponses Drafts() => new RandomStart(models, setting.Seed + 1).Drafts(setting.Chains, setting.Positions);
}
