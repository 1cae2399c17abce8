namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Everything that an evaluation of the embedded worlds found: the document results.json.</summary>
public sealed record EvaluationReport
{
    /// <summary>The commit whose program wrote this; each method names those that made its answers.</summary>
    public required string Commit { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Written { get; init; }

    /// <summary>Where.</summary>
    public required RunningMachine Machine { get; init; }

    /// <summary>Threads, each with its own models and one tensor thread.</summary>
    public required int Workers { get; init; }

    /// <summary>What the costs' seconds are.</summary>
    public required string SecondsUnit { get; init; }

    /// <summary>The first seed.</summary>
    public required ulong FirstSeed { get; init; }

    /// <summary>The worlds.</summary>
    public required IReadOnlyList<WorldReport> Worlds { get; init; }

    /// <summary>Combines the worlds' results, with the present time and machine.</summary>
    public static EvaluationReport Of(IReadOnlyList<WorldReport> worlds, EvaluationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new EvaluationReport
        {
            Commit = BuildCommit.Hash,
            Written = TimeProvider.System.GetUtcNow(),
            Machine = RunningMachine.Here(),
            Workers = settings.Workers,
            SecondsUnit = ThreadClock.Unit,
            FirstSeed = settings.FirstSeed,
            Worlds = worlds,
        };
    }
}
