using Google.Protobuf.WellKnownTypes;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Runs;

/// <summary>What the command line asks for. What is null is the server's default.</summary>
internal sealed record AlignmentArguments
{
    /// <summary>What the user says, sent as one user message.</summary>
    public required string Prompt { get; init; }

    /// <summary>What runs.</summary>
    public AlignmentMethod Method { get; init; } = AlignmentMethod.Sea;

    /// <summary>A response to start from.</summary>
    public string? Draft { get; init; }

    /// <summary>What the response starts with, and keeps.</summary>
    public string? Prefix { get; init; }

    /// <summary>Where SEA's parameters come from.</summary>
    public SeaPreset? Preset { get; init; }

    /// <summary>Chains of SEA.</summary>
    public int? Chains { get; init; }

    /// <summary>Iterations of SEA.</summary>
    public int? Iterations { get; init; }

    /// <summary>Samples of best-of-n.</summary>
    public int? Samples { get; init; }

    /// <summary>Weight of the reward in the energy.</summary>
    public double? RewardWeight { get; init; }

    /// <summary>Seed of every random number.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Longest response in tokens.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Longest run.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The request's spec, with a key of its own so that it can be cancelled from its first moment.</summary>
    public AlignmentSpec ToSpec()
    {
        var spec = new AlignmentSpec
        {
            Prompt = new Prompt { Chat = new Chat { Messages = { new ChatMessage { Role = Role.User, Content = Prompt } } } },
            RequestId = $"cli-{Guid.NewGuid():N}",
            Updates = new UpdateOptions { IncludeText = true, IncludeChangedSpans = true },
        };
        SetMethod(spec);
        if (Draft is not null)
        {
            spec.DraftResponse = new ResponseContent { Text = Draft };
        }

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

        return spec;
    }

    private void SetMethod(AlignmentSpec spec)
    {
        switch (Method)
        {
            case AlignmentMethod.BestOfN:
                spec.BestOfN = new BestOfNParameters();
                if (Samples is { } samples)
                {
                    spec.BestOfN.SampleCount = samples;
                }

                if (RewardWeight is { } weight)
                {
                    spec.BestOfN.RewardWeight = weight;
                }

                break;
            case AlignmentMethod.Base:
                spec.Base = new BaseParameters();
                if (RewardWeight is { } baseWeight)
                {
                    spec.Base.RewardWeight = baseWeight;
                }

                break;
            default:
                spec.Sea = Sea();
                break;
        }
    }

    private SeaParameters Sea()
    {
        var sea = new SeaParameters();
        if (Preset is { } preset)
        {
            sea.Preset = preset;
        }

        if (Chains is { } chains)
        {
            sea.Chains = chains;
        }

        if (Iterations is { } iterations)
        {
            sea.Iterations = iterations;
        }

        if (RewardWeight is { } weight)
        {
            sea.RewardWeight = weight;
        }

        return sea;
    }
}
