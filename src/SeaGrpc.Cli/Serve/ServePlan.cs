using System.Globalization;
using SeaGrpc.Alignment;
using SeaGrpc.Cli.Hub;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Inspection;

namespace SeaGrpc.Cli.Serve;

/// <summary>How a pair of models is served on this machine.</summary>
/// <param name="Settings">The server's settings.</param>
/// <param name="Notes">What was chosen, and why, for people.</param>
internal sealed record ServePlan(IReadOnlyList<KeyValuePair<string, string>> Settings, IReadOnlyList<string> Notes)
{
    /// <summary>Lengths for which memory must do, at least.</summary>
    private const int PromptTokens = 512;
    private const int ResponseTokens = 128;
    private const int Chains = 4;

    /// <summary>Looks at the models' files, without their weights, and decides.</summary>
    /// <param name="policy">The policy; null for the embedded pair.</param>
    /// <param name="reward">The reward model; null for the embedded one.</param>
    /// <param name="dtype">The number format that the user wants.</param>
    /// <param name="memory">Bytes that the process may use; null if the models do not run in them, but on a GPU.</param>
    /// <exception cref="CliException">The models cannot be served, or not here; the message says what to change.</exception>
    public static ServePlan Of(ModelFolder? policy, ModelFolder? reward, ModelDtype dtype, long? memory)
    {
        var settings = new List<KeyValuePair<string, string>>();
        var notes = new List<string>();
        CheckpointInspection[] models =
            [.. new[] { policy, reward }.OfType<ModelFolder>().Select(model => CheckpointInspection.Of(model.Path))];
        ThrowIfUnusable(models, policy is not null, reward is not null);
        Add(settings, "SeaGrpc:Models:Policy", policy?.Path);
        Add(settings, "SeaGrpc:Models:PolicyName", policy?.Name);
        Add(settings, "SeaGrpc:Models:Reward", reward?.Path);
        Add(settings, "SeaGrpc:Models:RewardName", reward?.Name);
        if (policy is not null && reward is null)
        {
            notes.Add(
                "No --reward: the tiny embedded reward model judges the answers. It knows only a small made-up world, so this shows that "
                    + "everything works, and not better answers. Name yours: --reward DIR or --reward ORG/NAME.");
        }

        ModelDtype chosen = Choose(models, dtype, memory, notes);
        if (chosen != ModelDtype.Auto)
        {
            Add(settings, "SeaGrpc:Models:Dtype", chosen.ToString());
        }

        return new ServePlan(settings, notes);
    }

    private static void Add(List<KeyValuePair<string, string>> settings, string key, string? value)
    {
        if (value is not null)
        {
            settings.Add(new KeyValuePair<string, string>(key, value));
        }
    }

    private static void ThrowIfUnusable(CheckpointInspection[] models, bool hasPolicy, bool hasReward)
    {
        string[] problems = [.. models.SelectMany(model => model.Problems)];
        if (problems.Length == 0 && hasPolicy && models[0].Config is { Head: not ModelHead.Language } notLanguage)
        {
            problems =
                [$"{models[0].Folder}: this is a reward model ({notLanguage.Architecture}); the first folder must be a policy."];
        }

        if (problems.Length == 0 && hasReward && models[^1].Config is { Head: ModelHead.Language } notReward)
        {
            problems =
                [$"{models[^1].Folder}: this is a language model ({notReward.Architecture}); --reward names a reward model."];
        }

        if (problems.Length > 0)
        {
            throw new CliException(string.Join("\n", problems), ExitCodes.Failure);
        }
    }

    /// <summary>Leaves the choice to the server, which measures, where both formats fit.</summary>
    private static ModelDtype Choose(CheckpointInspection[] models, ModelDtype asked, long? memory, List<string> notes)
    {
        if (memory is not { } available || models.Length == 0)
        {
            return asked;
        }

        long wide = Needed(models, sizeof(float));
        long narrow = Needed(models, sizeof(float) / 2);
        if ((asked == ModelDtype.BFloat16 ? narrow : asked == ModelDtype.Float32 ? wide : Math.Min(narrow, wide)) is var least
            && least > available)
        {
            throw new CliException(
                $"The models need about {Gibibytes(least)} {(asked == ModelDtype.Float32 ? "in float32" : "in bfloat16")}, but this "
                    + $"process may use {Gibibytes(available)}: choose smaller models"
                    + (asked == ModelDtype.Float32 && narrow <= available ? ", or omit --dtype Float32" : "")
                    + ", or let an engine serve the policy (docs/engines.md).",
                ExitCodes.Failure);
        }

        if (asked != ModelDtype.Auto || wide <= available)
        {
            return asked;
        }

        notes.Add($"bfloat16, because float32 would need about {Gibibytes(wide)} of the {Gibibytes(available)} that there are.");
        return ModelDtype.BFloat16;
    }

    private static long Needed(CheckpointInspection[] models, int bytes) => ServingMemory.Of(
        [.. models.Select(model => (model.Config!.Transformer, model.ParameterCount!.Value, bytes))], PromptTokens, ResponseTokens, Chains)
        .Total;

    private static string Gibibytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
