using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.SelfCheck;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.SelfCheck;

/// <summary>
/// Compares one iteration of SEA with each sampler, on the embedded models, with figures recorded from the libtorch that TorchSharp was
/// compiled against.
/// </summary>
internal static class SeaSelfCheck
{
    private const string Question = "My kettle is leaking, what can you do?";
    private const string Draft = "Our team will answer your calls. Your data will be made public.";

    /// <summary>Energies in nats and the reward in its own units, fp32 on the CPU.</summary>
    internal static readonly SeaFigures Recorded = new(213.5467, -4.2883, 147.0443);

    /// <summary>In nats and reward units. Rounding differs by less between processors and versions, a wrong layout by more.</summary>
    private const double Tolerance = 0.05;

    /// <summary>Runs both samplers on a device.</summary>
    /// <exception cref="SelfCheckException">A figure differs.</exception>
    public static void Run(string device)
    {
        SeaFigures found = Measure(device);
        Expect("the draft's energy", Recorded.DraftEnergy, found.DraftEnergy);
        Expect("the draft's reward", Recorded.DraftReward, found.DraftReward);
        Expect("the energy after one iteration", Recorded.IterationEnergy, found.IterationEnergy);
        double norm = GradientNorm(device);
        if (!(norm > 0 && double.IsFinite(norm)))
        {
            throw new SelfCheckException($"the norm of the gradient at the logits is {norm}");
        }
    }

    /// <summary>Computes the figures to record.</summary>
    internal static SeaFigures Measure(string device)
    {
        using AlignmentModels models = Load(device);
        using IAlignmentRun run = Start(models, SeaParameters.Default with { Chains = 1, DraftSamples = 0, Iterations = 1 });
        DraftUpdate draft = Next<DraftUpdate>(run);
        return new SeaFigures(draft.Best.Energy, draft.Best.Reward, Next<IterationUpdate>(run).Best.Energy);
    }

    private static double GradientNorm(string device)
    {
        using AlignmentModels models = Load(device);
        using IAlignmentRun run = Start(models, SeaParameters.Langevin with { Chains = 1, DraftSamples = 0, Iterations = 1 });
        return Next<IterationUpdate>(run).Chains[0].GradientNorm ?? double.NaN;
    }

    private static AlignmentModels Load(string device)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "models");
        var options = new ModelLoadOptions(device, ModelDtype.Float32);
        return AlignmentModels.Load(Path.Combine(folder, "tiny-policy"), Path.Combine(folder, "tiny-reward"), options);
    }

    private static IAlignmentRun Start(AlignmentModels models, SeaParameters parameters) =>
        models.Start(
            new AlignmentTask
            {
                Prompt = models.Prompts.EncodeChat([new ChatMessage("user", Question)]),
                Method = parameters,
                Seed = 1,
                MaxResponseTokens = 32,
                Draft = models.Policy.Tokenizer.Encode(Draft),
            }
        );

    private static T Next<T>(IAlignmentRun run)
        where T : AlignmentUpdate
    {
        while (!run.IsFinished)
        {
            if (run.Advance() is T update)
            {
                return update;
            }
        }

        throw new SelfCheckException($"the run ends ({run.FinishReason}) without {typeof(T).Name}");
    }

    private static void Expect(string what, double recorded, double found)
    {
        if (!(Math.Abs(recorded - found) <= Tolerance))
        {
            throw new SelfCheckException(FormattableString.Invariant($"{what} is {found:0.0000}, not {recorded:0.0000}"));
        }
    }
}

/// <summary>Figures of one iteration from a fixed draft, without random numbers.</summary>
/// <param name="DraftEnergy">U of the draft, in nats.</param>
/// <param name="DraftReward">r of the draft.</param>
/// <param name="IterationEnergy">U of the best response after one iteration of token substitutions, in nats.</param>
internal sealed record SeaFigures(double DraftEnergy, double DraftReward, double IterationEnergy);
