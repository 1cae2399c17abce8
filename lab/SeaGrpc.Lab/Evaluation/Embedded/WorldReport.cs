using System.Text.Json.Serialization;
using SeaGrpc.Lab.Evaluation.Embedded.Studies;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>The results in one world with one pair of models.</summary>
public sealed record WorldReport
{
    /// <summary>For file names.</summary>
    public required string Name { get; init; }

    /// <summary>For headings.</summary>
    public required string Title { get; init; }

    /// <summary>The first digits of the policy's and the reward model's hashes.</summary>
    public required string Models { get; init; }

    /// <summary>Number of prompts.</summary>
    public required int Prompts { get; init; }

    /// <summary>Their split. A setting that was picked on one split is not tested by it.</summary>
    public EvaluationSplit Split { get; init; }

    /// <summary>Their number and split in words.</summary>
    [JsonIgnore]
    public string PromptsInWords => $"{Prompts} {(Split == EvaluationSplit.Tuning ? "tuning" : "held-out")} prompts";

    /// <summary>Runs per prompt and method.</summary>
    public required int Seeds { get; init; }

    /// <summary>Where the tuned settings were read, with the commit that tuned; null: methods ran as they are.</summary>
    public string? Tuning { get; init; }

    /// <summary>The methods in the table's order.</summary>
    public required IReadOnlyList<MethodSummary> Methods { get; init; }

    /// <summary>SEA against the second best; null if one side is missing.</summary>
    public MethodComparison? Comparison { get; init; }

    /// <summary>The prefilling attack; null if it was not run.</summary>
    public IReadOnlyList<PrefillPoint>? Prefill { get; init; }

    /// <summary>The number of chains; null if it was not run.</summary>
    public IReadOnlyList<ChainPoint>? Chains { get; init; }

    /// <summary>Prompts of each study.</summary>
    public int StudyPrompts { get; init; }
}
