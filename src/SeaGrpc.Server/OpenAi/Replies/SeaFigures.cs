namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>What an alignment found and spent. The names are the contract's.</summary>
internal sealed record SeaFigures
{
    /// <summary>The run's name in logs; null if nothing ran here.</summary>
    public string? AlignmentId { get; init; }

    /// <summary>The method that ran.</summary>
    public string? Method { get; init; }

    /// <summary>Seed of its random numbers.</summary>
    public ulong? Seed { get; init; }

    /// <summary>U(x,y) in nats; lower is better.</summary>
    public double? Energy { get; init; }

    /// <summary>r(x,y) in the reward model's units.</summary>
    public double? Reward { get; init; }

    /// <summary>log pi_ref(y|x) in nats.</summary>
    public double? LogProbability { get; init; }

    /// <summary>True if no model has scored the answer, which is then the caller's draft or the backend's.</summary>
    public bool? Unscored { get; init; }

    /// <summary>The draft that the answer is compared with.</summary>
    public SeaText? Draft { get; init; }

    /// <summary>Why the run ended: iterations, converged, time_limit and so on.</summary>
    public string? StopReason { get; init; }

    /// <summary>The iteration of the answer; 0 is a draft.</summary>
    public int? Iteration { get; init; }

    /// <summary>How many iterations ran.</summary>
    public int? IterationsRun { get; init; }

    /// <summary>Token positions that the models read.</summary>
    public SeaTokens? Tokens { get; init; }

    /// <summary>Wait in the queue, in milliseconds.</summary>
    public double? QueueMs { get; init; }

    /// <summary>Time of the run, in milliseconds.</summary>
    public double? RunMs { get; init; }

    /// <summary>Whether this is the answer of an earlier request with the same request_id.</summary>
    public bool? Replayed { get; init; }

    /// <summary>What the backend contributed, if drafts come from one.</summary>
    public SeaUpstream? Upstream { get; init; }
}

/// <summary>A text with its scores.</summary>
internal sealed record SeaText(string Text, double? Energy, double? Reward, double? LogProbability);

/// <summary>Token positions through the models.</summary>
/// <param name="Policy">Through the policy.</param>
/// <param name="Reward">Through the rewards.</param>
/// <param name="Reused">Those of both that had been read before.</param>
internal sealed record SeaTokens(long Policy, long Reward, long Reused);

/// <summary>What the backend contributed.</summary>
internal sealed record SeaUpstream
{
    /// <summary>Its model.</summary>
    public string? Model { get; init; }

    /// <summary>Number of different drafts that it gave.</summary>
    public int Drafts { get; init; }

    /// <summary>The reward of each draft, best first; null if they were not scored.</summary>
    public IReadOnlyList<double>? Rewards { get; init; }

    /// <summary>Why its drafts, or their scores, are missing; null if nothing failed.</summary>
    public string? Failure { get; init; }
}

/// <summary>How far a run has come.</summary>
internal sealed record SeaProgress
{
    /// <summary>The answer that it is about, by its place.</summary>
    public required int Choice { get; init; }

    /// <summary>What happened: queued, started, draft, iteration or progress.</summary>
    public required string Event { get; init; }

    /// <summary>Place in the queue.</summary>
    public int? Position { get; init; }

    /// <summary>Index of the iteration, from 1.</summary>
    public int? Index { get; init; }

    /// <summary>Maximum number of iterations.</summary>
    public int? Total { get; init; }

    /// <summary>The best answer so far.</summary>
    public SeaText? Best { get; init; }
}
