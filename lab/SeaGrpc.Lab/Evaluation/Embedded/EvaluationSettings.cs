namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Which of a world's prompts run; no prompt is in both splits, nor in training.</summary>
public enum EvaluationSplit
{
    /// <summary>For figures to report.</summary>
    HeldOut,

    /// <summary>For choosing settings.</summary>
    Tuning,
}

/// <summary>How an evaluation of the embedded worlds runs.</summary>
public sealed record EvaluationSettings
{
    /// <summary>Number of prompts; the report's confidence intervals resample them.</summary>
    public required int Prompts { get; init; }

    /// <summary>The prompts that an evaluation runs on; tuning always takes <see cref="EvaluationSplit.Tuning"/>.</summary>
    public EvaluationSplit Split { get; init; }

    /// <summary>Runs per prompt and method, each with a seed of its own.</summary>
    public required int Seeds { get; init; }

    /// <summary>The first seed.</summary>
    public ulong FirstSeed { get; init; } = 1;

    /// <summary>Threads, each with its own copy of the models and one tensor thread.</summary>
    public required int Workers { get; init; }

    /// <summary>Folder that holds the models' folders.</summary>
    public required string Models { get; init; }

    /// <summary>Where reports, plots and partial results go.</summary>
    public required string Output { get; init; }

    /// <summary>Folder with the tuned settings; null to run methods with their defaults.</summary>
    public string? Tuned { get; init; }

    /// <summary>Whether every method starts from drafts with one error each, a row of the table for every kind of error.</summary>
    public bool Drafts { get; init; }

    /// <summary>Whether partial results of earlier runs are discarded.</summary>
    public bool Fresh { get; init; }

    /// <summary>Whether the studies run too: the prefilling attack and the number of chains.</summary>
    public bool Studies { get; init; }
}

/// <summary>The progress of an evaluation.</summary>
/// <param name="World">The world.</param>
/// <param name="Stage">The method, setting or study that runs.</param>
/// <param name="Done">Finished answers of that stage.</param>
/// <param name="Total">All of them.</param>
public sealed record EvaluationProgress(string World, string Stage, int Done, int Total);
