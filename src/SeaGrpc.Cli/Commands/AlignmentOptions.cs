using System.CommandLine;
using System.Globalization;
using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Runs;

namespace SeaGrpc.Cli.Commands;

/// <summary>The options of <c>align</c>, and what they stand for.</summary>
internal sealed class AlignmentOptions
{
    private const double LongestTimeLimitSeconds = 1e9;

    private readonly Option<string?> _draft = new("--draft")
    {
        Description = "A response to start from; samples compete with it.",
        HelpName = "TEXT",
    };
    private readonly Option<string[]> _alternatives = new("--alternative")
    {
        Description = "Another response that energy_search may start from: it takes the one of lowest energy. May be given several times.",
        HelpName = "TEXT",
    };
    private readonly Option<string?> _prefix = new("--prefix")
    {
        Description = "A fixed beginning of the response.",
        HelpName = "TEXT",
    };
    private readonly Option<ServerAddress?> _server = ServerOptions.Address();
    private readonly Option<string?> _model = new("--model")
    {
        Description = "With --server: which of its models answers: a pair of a policy and rewards. Default: its default one.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _token = ServerOptions.Token();
    private readonly Option<string?> _roots = ServerOptions.RootCertificates();
    private readonly Option<string?> _certificate = ServerOptions.Certificate();
    private readonly Option<string?> _key = ServerOptions.Key();
    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Seed of every random number. Default: drawn by the server.",
        HelpName = "N",
    };
    private readonly Option<int?> _maxTokens = new("--max-tokens") { Description = "Longest response in tokens.", HelpName = "N" };
    private readonly Option<double?> _timeLimit = new("--time-limit")
    {
        Description = "Seconds after which the run ends with its best answer so far.",
        HelpName = "SECONDS",
    };

    private readonly Option<double?> _sufficientReward = new("--sufficient-reward")
    {
        Description = "The reward at which an answer is good enough: the run ends there, and a draft that has it comes back unchanged.",
        HelpName = "REWARD",
    };

    private readonly Option<double?> _minRewardGain = new("--min-reward-gain")
    {
        Description = "With --draft: how much higher the answer's reward must be than the draft's; else the draft comes back unchanged.",
        HelpName = "REWARD",
    };

    private readonly Option<double?> _beatenDraftGain = new("--beaten-draft-gain")
    {
        Description = "With --draft: the same for a draft to which the reward prefers a known response or an --alternative.",
        HelpName = "REWARD",
    };

    private readonly Option<string[]> _stops = new("--stop")
    {
        Description = "A text that ends the answer, which ends before it. May be given several times.",
        HelpName = "TEXT",
    };

    private readonly Option<MethodText> _method = MethodOption.Create();

    /// <summary>Adds the options and the rules between them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _method, _draft, _alternatives, _prefix, _server, _model, _token, _roots, _certificate, _key, _seed, _maxTokens, _timeLimit,
            _sufficientReward, _minRewardGain, _beatenDraftGain, _stops,
        })
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_draft) is not null && result.GetResult(_method) is { Errors: var errors } && !errors.Any()
                && result.GetValue(_method)?.Method.Record == typeof(BaseParameters))
            {
                result.AddError("--draft cannot be used with --method base.");
            }
        });

        command.Validators.Add(result =>
        {
            if (result.GetResult(_model) is not null && result.GetResult(_server) is null)
            {
                result.AddError("--model is for --server: a server inside this process has one pair of models.");
            }
        });

        command.Validators.Add(result =>
        {
            // The option's own parser refuses what is no address; asking it for the value here would throw.
            bool isTls = result.GetResult(_server) is { Tokens: [var address] }
                && address.Value.StartsWith($"{Uri.UriSchemeHttps}://", StringComparison.OrdinalIgnoreCase);
            if (!isTls && Array.Exists([_roots, _certificate, _key], option => result.GetResult(option) is not null))
            {
                result.AddError("--ca, --cert and --key are for --server https://host:port.");
            }
            else if ((result.GetResult(_certificate) is null) != (result.GetResult(_key) is null))
            {
                result.AddError("--cert and --key belong together: give both or neither.");
            }
        });

        _timeLimit.Validators.Add(result =>
        {
            // What is not a number at all, the parser itself refuses.
            if (result.Tokens is [var token]
                && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var seconds)
                && !(seconds > 0 && seconds <= LongestTimeLimitSeconds))
            {
                result.AddError("--time-limit must be more than 0 seconds.");
            }
        });
    }

    /// <summary>The server named on the command line; null if none is.</summary>
    public ServerAddress? Server(ParseResult parse) => parse.GetValue(_server);

    /// <summary>The token named on the command line; null if none is.</summary>
    public string? Token(ParseResult parse) => parse.GetValue(_token);

    /// <summary>The certificates named on the command line; null if none are.</summary>
    /// <exception cref="CliException">A file cannot be used; the message says why.</exception>
    public CallerCertificates? Certificates(ParseResult parse) =>
        CallerCertificates.Read(parse.GetValue(_roots), parse.GetValue(_certificate), parse.GetValue(_key));

    /// <summary>The parsed arguments.</summary>
    public AlignmentArguments Read(ParseResult parse, string prompt) => new()
    {
        Prompt = prompt,
        Method = parse.GetRequiredValue(_method),
        Model = parse.GetValue(_model),
        Draft = parse.GetValue(_draft),
        Alternatives = parse.GetValue(_alternatives) ?? [],
        Prefix = parse.GetValue(_prefix),
        Seed = parse.GetValue(_seed),
        MaxTokens = parse.GetValue(_maxTokens),
        TimeLimit = parse.GetValue(_timeLimit) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        SufficientReward = parse.GetValue(_sufficientReward),
        MinRewardGain = parse.GetValue(_minRewardGain),
        BeatenDraftGain = parse.GetValue(_beatenDraftGain),
        Stops = parse.GetValue(_stops) ?? [],
    };
}
