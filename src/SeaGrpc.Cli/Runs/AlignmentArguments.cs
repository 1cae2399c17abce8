using Google.Protobuf.WellKnownTypes;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Runs;

/// <summary>What the command line asks for. What is null is the server's default.</summary>
internal sealed record AlignmentArguments
{
    /// <summary>What the user says, sent as one user message.</summary>
    public required string Prompt { get; init; }

    /// <summary>What runs, with its parameters.</summary>
    public required MethodText Method { get; init; }

    /// <summary>The server's name of the pair of policy and rewards that answers.</summary>
    public string? Model { get; init; }

    /// <summary>A response to start from.</summary>
    public string? Draft { get; init; }

    /// <summary>Other responses that the search may start from.</summary>
    public IReadOnlyList<string> Alternatives { get; init; } = [];

    /// <summary>A fixed beginning of the response.</summary>
    public string? Prefix { get; init; }

    /// <summary>Seed of every random number.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Longest response in tokens.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Longest run.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The reward at which an answer is good enough.</summary>
    public double? SufficientReward { get; init; }

    /// <summary>How much the answer's reward must exceed the draft's.</summary>
    public double? MinRewardGain { get; init; }

    /// <summary>The same where the reward prefers a given response to the draft.</summary>
    public double? BeatenDraftGain { get; init; }

    /// <summary>Texts that end the answer.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>The request's spec, with a key of its own so that it can be cancelled from its first moment.</summary>
    public AlignmentSpec ToSpec()
    {
        var spec = new AlignmentSpec
        {
            Prompt = new Prompt { Chat = new Chat { Messages = { new ChatMessage { Role = Role.User, Content = Prompt } } } },
            RequestId = $"cli-{Guid.NewGuid():N}",
            Model = Model ?? string.Empty,
            Updates = new UpdateOptions { IncludeText = true, IncludeChangedSpans = true, IncludeProgress = true },
        };
        MethodMapper.Write(Method, spec);
        if (Draft is not null)
        {
            spec.DraftResponse = new ResponseContent { Text = Draft };
        }

        spec.AlternativeResponses.AddRange(Alternatives.Select(text => new ResponseContent { Text = text }));
        spec.StopStrings.AddRange(Stops);
        if (Prefix is not null)
        {
            spec.ResponsePrefix = new ResponsePrefix { Content = new ResponseContent { Text = Prefix } };
        }

        if (TimeLimit is { } limit)
        {
            spec.TimeLimit = Duration.FromTimeSpan(limit);
        }

        if (Seed is { } seed)
        {
            spec.Seed = seed;
        }

        if (MaxTokens is { } tokens)
        {
            spec.MaxResponseTokens = tokens;
        }

        if (SufficientReward is { } reward)
        {
            spec.SufficientReward = reward;
        }

        if (MinRewardGain is { } gain)
        {
            spec.MinRewardGain = gain;
        }

        if (BeatenDraftGain is { } beaten)
        {
            spec.BeatenDraftGain = beaten;
        }

        return spec;
    }
}
