using System.CommandLine;
using SeaGrpc.Alignment;
using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation;
using SeaGrpc.Lab.Evaluation.Embedded;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Commands;

/// <summary>Options that evaluating and tuning in the embedded worlds have in common.</summary>
/// <param name="promptsByDefault">How many prompts, in words.</param>
/// <param name="seedsByDefault">How many runs of each prompt and method, in words.</param>
internal sealed class EmbeddedOptions(string promptsByDefault, string seedsByDefault)
{
    private const string Everything = "all";

    private readonly Option<string> _world = new("--world")
    {
        Description = $"{EmbeddedWorlds.Names} or {Everything}.",
        DefaultValueFactory = _ => Everything,
    };
    private readonly Option<string?> _strength = new("--strength")
    {
        Description = "Only the policy of this strength (0.05), where a world has several.",
    };
    private readonly Option<int?> _prompts = new("--prompts") { Description = $"Number of prompts ({promptsByDefault})." };
    private readonly Option<int?> _seeds = new("--seeds") { Description = $"Runs per prompt and method ({seedsByDefault})." };
    private readonly Option<ulong> _seed = new("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> _methods = new("--methods")
    {
        Description =
            $"Methods to run instead of the default list: names from it, or any of {MethodCatalog.Names}, "
                + "with changed parameters in brackets: sea[chains=2].",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _workers = new("--workers")
    {
        Description = "Threads, each with its own copy of the models and one tensor thread.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<DirectoryInfo> _models = new("--models")
    {
        Description = "Folder that holds the embedded models' folders.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "models")),
    };

    private readonly Option<DirectoryInfo> _tuned = new("--tuned")
    {
        Description = "Folder of the recorded settings: tune writes them, eval reads them.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("docs", "results")),
    };

    private readonly Option<bool> _fresh = new("--fresh")
    {
        Description = "Discard the partial results of earlier runs instead of resuming.",
    };
    private readonly Option<DirectoryInfo> _output = new("--out")
    {
        Description = "Folder for results and partial results.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "eval")),
    };

    /// <summary>The main methods and each world's weakest policy, instead of everything.</summary>
    public required Option<bool> Quick { get; init; }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All =>
        [_world, _strength, Quick, _prompts, _seeds, _seed, _methods, _workers, _models, _tuned, _fresh, _output];

    /// <summary>The pairs of models and the methods that are named; all of them where none is.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="drafts">Whether methods start from drafts with errors: only methods that take them.</param>
    /// <exception cref="CliException">There is no such world, strength, method or parameter, the models are not in the folder, or a method
    /// takes no draft.</exception>
    public (IReadOnlyList<WorldPair> Worlds, IReadOnlyList<MethodEntry> Methods) Named(ParseResult parsed, bool drafts = false)
    {
        try
        {
            return (Worlds(parsed), drafts ? FromDrafts(parsed) : Methods(parsed));
        }
        catch (ArgumentException error)
        {
            throw new CliException(error.Message, ExitCodes.Usage, error);
        }
    }

    /// <summary>The settings that these options tell.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="promptsIfAbsent">Prompts where none are asked for.</param>
    /// <param name="seedsIfAbsent">Seeds where none are asked for.</param>
    public EvaluationSettings Settings(ParseResult parsed, int promptsIfAbsent, int seedsIfAbsent) => new()
    {
        Prompts = parsed.GetValue(_prompts) ?? promptsIfAbsent,
        Seeds = parsed.GetValue(_seeds) ?? seedsIfAbsent,
        FirstSeed = parsed.GetValue(_seed),
        Workers = Math.Max(1, parsed.GetValue(_workers)),
        Models = parsed.GetRequiredValue(_models).FullName,
        Output = parsed.GetRequiredValue(_output).ToString(),
        Tuned = parsed.GetRequiredValue(_tuned).ToString(),
        Fresh = parsed.GetValue(_fresh),
    };

    private IReadOnlyList<WorldPair> Worlds(ParseResult parsed)
    {
        string root = parsed.GetRequiredValue(_models).FullName;
        string? only = parsed.GetValue(_strength);
        WorldPair[] pairs =
        [
            .. WorldPair
                .Of(parsed.GetRequiredValue(_world))
                .Where(pair => only is null || pair.World.Models.Count == 1 || pair.Models.Strength.Split(' ')[^1] == only),
        ];
        if (only is null && parsed.GetValue(Quick))
        {
            // The weakest policy stands for its world.
            pairs = [.. pairs.DistinctBy(pair => pair.World.Name)];
        }

        if (pairs.Length == 0)
        {
            throw new ArgumentException($"No policy has the strength {only}.");
        }

        foreach (WorldPair missing in pairs.Where(pair => !pair.Exists(root)))
        {
            throw new ArgumentException(
                $"The models of {missing.Title} are not in {root}: train writes them, --models selects another folder, "
                    + "--world selects another world.");
        }

        return pairs;
    }

    private IReadOnlyList<MethodEntry> FromDrafts(ParseResult parsed)
    {
        IReadOnlyList<MethodEntry> methods =
            parsed.GetValue(_methods) is { Length: > 0 } ? Methods(parsed) : EmbeddedMethods.FromDrafts;
        return methods.FirstOrDefault(method => MethodCatalog.Parse(method.Method) is not DraftedParameters) is { } other
            ? throw new ArgumentException($"{other.Name} takes no draft.")
            : methods;
    }

    private IReadOnlyList<MethodEntry> Methods(ParseResult parsed) => parsed.GetValue(_methods) is { Length: > 0 } names
        ? [.. names.Select(EmbeddedMethods.Named)]
        : parsed.GetValue(Quick) ? EmbeddedMethods.Quick : EmbeddedMethods.All;
}
