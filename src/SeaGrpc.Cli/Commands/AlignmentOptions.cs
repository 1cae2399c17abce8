using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Runs;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Commands;

/// <summary>The options of <c>align</c>, and what they stand for.</summary>
internal sealed class AlignmentOptions
{
    private const string DefaultMethod = "sea";
    private const double LongestTimeLimitSeconds = 1e9;

    private readonly Option<string?> draft = new("--draft") { Description = "A response to start from, instead of sampled ones.", HelpName = "TEXT" };
    private readonly Option<string?> prefix = new("--prefix") { Description = "What the response starts with, and keeps.", HelpName = "TEXT" };
    private readonly Option<ServerAddress?> server = new("--server")
    {
        Description = "A running server: http://host:port, host:port or unix:/path. Default: one inside this process.",
        HelpName = "ADDRESS",
        CustomParser = ParseAddress,
    };

    private readonly Option<string?> token = new("--token") { Description = "The server's bearer token.", HelpName = "TOKEN" };
    private readonly Option<string?> preset = Choice("--preset", "SEA's parameters: what works best, or the paper's.", "default", "paper");
    private readonly Option<int?> chains = new("--chains") { Description = "SEA: chains side by side.", HelpName = "N" };
    private readonly Option<int?> iterations = new("--iterations") { Description = "SEA: iterations.", HelpName = "N" };
    private readonly Option<int?> samples = new("--samples") { Description = "best-of-n: samples.", HelpName = "N" };
    private readonly Option<double?> rewardWeight = new("--reward-weight")
    {
        Description = "Weight of the reward in the energy, in nats per reward unit.",
        HelpName = "ALPHA",
    };

    private readonly Option<ulong?> seed = new("--seed") { Description = "Seed of every random number. Default: drawn by the server.", HelpName = "N" };
    private readonly Option<int?> maxTokens = new("--max-tokens") { Description = "Longest response in tokens.", HelpName = "N" };
    private readonly Option<double?> timeLimit = new("--time-limit")
    {
        Description = "Seconds after which the run ends with its best answer so far.",
        HelpName = "SECONDS",
    };

    /// <summary>What runs.</summary>
    public static Option<string> MethodOption() => new Option<string>("--method")
    {
        Description = "What runs: SEA, the best of N samples, or one sample.",
        DefaultValueFactory = _ => DefaultMethod,
    }.AcceptOnlyFromAmong("sea", "best-of-n", "base");

    /// <summary>What <see cref="MethodOption"/> stands for.</summary>
    public static AlignmentMethod Method(string name) => name switch
    {
        "best-of-n" => AlignmentMethod.BestOfN,
        "base" => AlignmentMethod.Base,
        _ => AlignmentMethod.Sea,
    };

    private readonly Option<string> method = MethodOption();

    /// <summary>Adds the options and the rules between them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            method, draft, prefix, server, token, preset, chains, iterations, rewardWeight, samples, seed, maxTokens, timeLimit,
        })
        {
            command.Add(option);
        }

        command.Validators.Add(CheckMethod);
        timeLimit.Validators.Add(result =>
        {
            // What is no number at all, the parser itself refuses.
            if (result.Tokens is [var token]
                && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var seconds)
                && !(seconds > 0 && seconds <= LongestTimeLimitSeconds))
            {
                result.AddError("--time-limit must be more than 0 seconds.");
            }
        });
    }

    /// <summary>The server named on the command line; null where none is.</summary>
    public ServerAddress? Server(ParseResult parse) => parse.GetValue(server);

    /// <summary>The token named on the command line; null where none is.</summary>
    public string? Token(ParseResult parse) => parse.GetValue(token);

    /// <summary>What is asked for.</summary>
    public AlignmentArguments Read(ParseResult parse, string prompt) => new()
    {
        Prompt = prompt,
        Method = Method(parse.GetRequiredValue(method)),
        Draft = parse.GetValue(draft),
        Prefix = parse.GetValue(prefix),
        Preset = parse.GetValue(preset) switch { "default" => SeaPreset.Default, "paper" => SeaPreset.Paper, _ => null },
        Chains = parse.GetValue(chains),
        Iterations = parse.GetValue(iterations),
        Samples = parse.GetValue(samples),
        RewardWeight = parse.GetValue(rewardWeight),
        Seed = parse.GetValue(seed),
        MaxTokens = parse.GetValue(maxTokens),
        TimeLimit = parse.GetValue(timeLimit) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    private static Option<string?> Choice(string name, string description, params string[] values) =>
        new Option<string?>(name) { Description = description }.AcceptOnlyFromAmong(values);

    private static ServerAddress? ParseAddress(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (ServerAddress.Parse(text) is { } address)
        {
            return address;
        }

        result.AddError($"--server '{text}' is no address: write http://host:port, host:port or unix:/path.");
        return null;
    }

    private void CheckMethod(CommandResult result)
    {
        var name = result.GetResult(method)?.Tokens is [var token] ? token.Value : DefaultMethod;
        Option[] foreign = name switch
        {
            "sea" => [samples],
            "best-of-n" => [preset, chains, iterations],
            _ => [preset, chains, iterations, samples, draft],
        };
        foreach (var option in foreign.Where(option => result.GetResult(option) is not null))
        {
            result.AddError($"{option.Name} has no meaning with --method {name}.");
        }
    }
}
