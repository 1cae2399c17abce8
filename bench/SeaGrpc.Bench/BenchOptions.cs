using System.CommandLine;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench;

/// <summary>Options that several benchmarks have.</summary>
internal static class BenchOptions
{
    /// <summary>Name of the embedded models.</summary>
    public const string Embedded = "embedded";

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object and nothing else on standard output." };

    public static Option<bool> Quick(string description) => new("--quick") { Description = description };

    public static Option<string> Device() =>
        new("--device") { Description = "cpu, cuda, cuda:N or auto.", DefaultValueFactory = _ => "auto" };

    public static Option<ModelDtype> Dtype() =>
        new("--dtype") { Description = "Format that the weights are served in.", DefaultValueFactory = _ => ModelDtype.Float32 };

    public static Option<DirectoryInfo?> Make() => new("--make")
    {
        Description = "Folder in which to keep the synthetic models; created if it does not exist. Default: a temporary one.",
        HelpName = "DIR",
    };

    public static Option<BenchClock> Clock() => new("--clock")
    {
        Description = "wall, or cpu: the process's own seconds, for use with --threads 1 if other work runs on the machine.",
        DefaultValueFactory = _ => BenchClock.Wall,
    };

    /// <summary>SEA by Langevin dynamics, with its parameters.</summary>
    public static Option<MethodText> Langevin(string standard) =>
        MethodOption.Create(standard, "SEA by Langevin dynamics", ThrowIfNotLangevin);

    /// <summary>The parameters of <see cref="Langevin"/>; no plateau ends a run.</summary>
    public static SeaParameters Parameters(MethodText method) => (SeaParameters)method.ToParameters() with { PlateauIterations = 0 };

    /// <exception cref="ArgumentException">A method is not SEA by Langevin dynamics.</exception>
    public static void ThrowIfNotLangevin(MethodText method)
    {
        if (method.ToParameters() is not SeaParameters { Sampler: SeaSampler.Langevin })
        {
            throw new ArgumentException("Only Langevin dynamics are measured here: write sea[sampler=langevin] or sea[preset=paper].");
        }
    }

    public static Option<int> Threads() => Count("--threads", "Threads of a tensor operation; 0 is one per core.", 0, least: 0);

    /// <summary>A whole number that has a least value.</summary>
    public static Option<int> Count(string name, string description, int standard, int least = 1)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
            {
                result.AddError($"{name} is {value}, but must be at least {least}.");
            }
        });
        return option;
    }

    /// <summary>Several whole numbers, each of which has a least value.</summary>
    public static Option<int[]> Counts(string name, string description, int[] standard, int least = 1)
    {
        var option = new Option<int[]>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => standard,
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        option.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (int.TryParse(text, out int value) && value < least)
                {
                    result.AddError($"{name} has {value}, but each must be at least {least}.");
                }
            }
        });
        return option;
    }

    /// <summary>Name of one synthetic model.</summary>
    /// <param name="standard">The default.</param>
    /// <param name="hasEmbedded">Whether <see cref="Embedded"/> is a name too.</param>
    public static Option<string> Model(string standard, bool hasEmbedded = false)
    {
        var option = new Option<string>("--model")
        {
            Description = (hasEmbedded ? "embedded (the trained models that the server has by default), or with random weights " : "")
                + "tiny (the size of the embedded models), 160m, wide, 1b-slice or 1b; see iteration --help.",
            DefaultValueFactory = _ => standard,
            HelpName = "NAME",
        };
        option.AcceptOnlyFromAmong([.. BenchShapes.ByName.Keys, .. hasEmbedded ? [Embedded] : Array.Empty<string>()]);
        return option;
    }

    /// <summary>An option's value: where a quick run is asked for and the option is not given, another one.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="quick">Whether a quick run is asked for.</param>
    /// <param name="option">The option.</param>
    /// <param name="quickly">Its value in a quick run.</param>
    public static T Value<T>(this ParseResult parse, Option<bool> quick, Option<T> option, T quickly) =>
        parse.GetValue(quick) && parse.GetResult(option) is null or { Implicit: true } ? quickly : parse.GetRequiredValue(option);

    /// <summary>Names of synthetic models.</summary>
    public static Option<string[]> Shapes(string[] standard)
    {
        var option = new Option<string[]>("--shapes")
        {
            Description =
                "tiny (the size of the embedded models), 160m (vocabulary 32,000), wide (4 layers of width 256, vocabulary 128,256), "
                    + "1b-slice (two layers of Llama-3.2-1B, vocabulary 128,256), 1b (all of its 16 layers).",
            HelpName = "NAME",
            DefaultValueFactory = _ => standard,
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
        };
        option.AcceptOnlyFromAmong([.. BenchShapes.ByName.Keys]);
        return option;
    }
}
