namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>The outcome of one row under one method: a line of the results file.</summary>
/// <param name="Suite">The suite.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Row">The row's id.</param>
/// <param name="Seed">The run's seed, from which the row's own seed follows.</param>
/// <param name="Settings">Hash of everything else that the result depends on.</param>
internal sealed record RowResult(string Suite, string Method, string Row, ulong Seed, string Settings)
{
    /// <summary>The row's line in the data file.</summary>
    public int Line { get; init; }

    /// <summary>The answer's text; null if there is none.</summary>
    public string? Answer { get; init; }

    /// <summary>Whether the answer counts for the suite's rate; null if there is no verdict.</summary>
    public bool? Counts { get; init; }

    /// <summary>The judge's reason.</summary>
    public string? Reason { get; init; }

    /// <summary>The answer's reward.</summary>
    public double? Reward { get; init; }

    /// <summary>Its log-probability under the policy, in nats.</summary>
    public double? LogProbability { get; init; }

    /// <summary>U(x,y) in nats, with the method's own reward weight.</summary>
    public double? Energy { get; init; }

    /// <summary>Tokens of the answer, its end-of-sequence token included.</summary>
    public int? Length { get; init; }

    /// <summary>Duration of the run, without the wait in the queue.</summary>
    public double? Seconds { get; init; }

    /// <summary>Processor time of this process meanwhile; null if a server of its own computes, or several rows run at once.</summary>
    public double? ProcessorSeconds { get; init; }

    /// <summary>Token positions through both models.</summary>
    public long? ModelTokens { get; init; }

    /// <summary>Why there is no answer or no verdict; null if there are both.</summary>
    public string? Error { get; init; }

    /// <summary>What identifies the result.</summary>
    public (string Suite, string Method, string Row, ulong Seed, string Settings) Key => (Suite, Method, Row, Seed, Settings);
}
