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
public sealed class IterationBench(AlignmentModels models, IterationSetting setting, SeaParameters method, Func<TimeSpan> clock)
    : IDisposable
{
    // However often it is measured, no iteration is the last: that one takes no gradient.
    private readonly SeaParameters _parameters = method with { Chains = setting.Chains, Iterations = int.MaxValue };

    private RunContext? _oursContext;
    private LangevinSampler? _ours;
    private RunContext? _plainContext;
    private PlainIteration? _plain;
    private double _computed;
    private int _measured;

    /// <summary>Operations that a gradient at these lengths needs (<see cref="IterationOperations"/>).</summary>
    public double NecessaryOperations => Operations.Necessary;

    /// <summary>Operations of the matrix products that an iteration of ours did, on average.</summary>
    public double ComputedOperations => _computed / _measured;

    /// <summary>Admission's estimate of what a job of these lengths holds.</summary>
    public TaskMemory Estimate => TaskMemory.Of(models, Task());

    /// <summary>Whether the plain version's gradient gives the exact energies too, as ours does: without smoothing noise.</summary>
    private bool ScoresByGradient => _parameters.EmbeddingNoise == 0;

    private IterationOperations Operations => IterationOperations.Of(models.Policy.Decoder.Config, Reward.Config, setting);

    private TransformerDecoder Reward => ((ModelReward)models.Rewards[0]).Model.Decoder;

    /// <summary>Reads the prompt and makes the chains of our side, or does nothing where they are there.</summary>
    public void PrepareOurs()
    {
        if (_ours is null)
        {
            _oursContext = Context();
            _oursContext.Prefill();
            _ours = new LangevinSampler(_oursContext, _parameters, Drafts());
        }
    }

    /// <summary>One iteration of ours.</summary>
    /// <returns>Its time: gradient, step, argmax, exact energies, KL per token.</returns>
    public TimeSpan Ours()
    {
        PrepareOurs();
        TimeSpan start = clock();
        long before = _oursContext!.Cost.PolicyForwardTokens;
        _ours!.Iterate();
        TimeSpan time = clock() - start;
        Count(_oursContext.Cost.PolicyForwardTokens - before);
        return time;
    }

    /// <summary>One iteration of the plain version.</summary>
    /// <returns>The time of gradient and step, and that of argmax and exact energies, where these are not by-products.</returns>
    public (TimeSpan Moving, TimeSpan Scoring) Plain()
    {
        if (_plain is null)
        {
            _plainContext = Context();
            _plainContext.Prefill();
            _plain = new PlainIteration(_plainContext, _parameters, Drafts());
        }

        TimeSpan start = clock();
        using (NewDisposeScope())
        {
            Tensor gradient = _plain.Gradient();
            _ = gradient.norm().item<float>();
            _plain.Step(gradient);
        }

        TimeSpan moving = clock() - start;
        if (ScoresByGradient)
        {
            return (moving, TimeSpan.Zero);
        }

        _plain.Score();
        return (moving, clock() - start - moving);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ours?.Dispose();
        _oursContext?.Dispose();
        _plain?.Dispose();
        _plainContext?.Dispose();
    }

    // Chains that stay where they are are not read again.
    private void Count(long policyTokens)
    {
        long all = (long)setting.Chains * (setting.Positions - 1);
        double read = (double)(policyTokens - all) / all;
        _computed += Operations.Gradient + (ScoresByGradient ? 0 : (read * Operations.Reading) + Operations.Logits);
        _measured++;
    }

    private RunContext Context() => new(models, Task());

    private AlignmentTask Task() => new()
    {
        Prompt = new RandomStart(models, setting.Seed).Prompt(setting.PromptTokens),
        Method = _parameters,
        Seed = setting.Seed,
        MaxResponseTokens = setting.Positions,
    };

    private HardResponses Drafts() => new RandomStart(models, setting.Seed + 1).Drafts(setting.Chains, setting.Positions);
}
