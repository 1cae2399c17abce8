using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Benchmarks;

/// <summary>
/// One Langevin iteration (preset <c>langevin</c>) of ours and of the plain version on the same models, prompt and drafts. Each
/// side takes its memory when it first runs. One thread.
/// </summary>
/// <param name="models">The models, with one reward model; not taken over.</param>
/// <param name="setting">The lengths.</param>
/// <param name="clock">The time: that of the wall, or of the processor where the machine is busy with other work.</param>
public sealed class IterationBench(AlignmentModels models, IterationSetting setting, Func<TimeSpan> clock) : IDisposable
{
    private static readonly SeaParameters Parameters = SeaParameters.Langevin;

    private RunContext? oursContext;
    private LangevinSampler? ours;
    private RunContext? plainContext;
    private PlainIteration? plain;

    /// <summary>Operations that a gradient at these lengths needs (<see cref="IterationOperations"/>).</summary>
    public double NecessaryOperations => Operations.Necessary;

    /// <summary>Operations of the matrix products that an iteration of ours does.</summary>
    public double ComputedOperations => Operations.Computed;

    private IterationOperations Operations => IterationOperations.Of(models.Policy.Decoder.Config, Reward.Config, setting);

    private TransformerDecoder Reward => ((ModelReward)models.Rewards[0]).Model.Decoder;

    /// <summary>Reads the prompt and makes the chains of our side, or does nothing where they are there.</summary>
    public void PrepareOurs()
    {
        if (ours is null)
        {
            oursContext = Context();
            oursContext.Prefill();
            ours = new LangevinSampler(oursContext, Parameters, Drafts());
        }
    }

    /// <summary>One iteration of ours.</summary>
    /// <returns>Its time: gradient, step, argmax, exact energies, KL per token.</returns>
    public TimeSpan Ours()
    {
        PrepareOurs();
        TimeSpan start = clock();
        ours!.Iterate();
        return clock() - start;
    }

    /// <summary>One iteration of the plain version.</summary>
    /// <returns>The time of gradient and step, and that of argmax and exact energies.</returns>
    public (TimeSpan Moving, TimeSpan Scoring) Plain()
    {
        if (plain is null)
        {
            plainContext = Context();
            plainContext.Prefill();
            plain = new PlainIteration(plainContext, Parameters, Drafts());
        }

        TimeSpan start = clock();
        using (NewDisposeScope())
        {
            Tensor gradient = plain.Gradient();
            _ = gradient.norm().item<float>();
            plain.Step(gradient);
        }

        TimeSpan moving = clock() - start;
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

    private RunContext Context() => new(models, new AlignmentTask
    {
        Prompt = new RandomStart(models, setting.Seed).Prompt(setting.PromptTokens),
        Method = Parameters with { Chains = setting.Chains },
        Seed = setting.Seed,
        MaxResponseTokens = setting.Positions,
    });

    private HardResponses Drafts() => new RandomStart(models, setting.Seed + 1).Drafts(setting.Chains, setting.Positions);
}
