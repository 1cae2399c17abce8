namespace SeaGrpc.Lab.Evaluation.Embedded.Tuning;

/// <summary>The results of tuning in one world: the document from which an evaluation reads its settings.</summary>
public sealed record TuningRecord
{
    /// <summary>The world.</summary>
    public required string World { get; init; }

    /// <summary>Number of prompts, all of the tuning split.</summary>
    public required int Prompts { get; init; }

    /// <summary>Runs per prompt and setting.</summary>
    public required int Seeds { get; init; }

    /// <summary>The first seed.</summary>
    public required ulong FirstSeed { get; init; }

    /// <summary>The models' hashes.</summary>
    public required string Models { get; init; }

    /// <summary>How tokens are counted; null in documents from before backward passes counted.</summary>
    public string? Counting { get; init; }

    /// <summary>The commit whose program wrote this.</summary>
    public required string Commit { get; init; }

    /// <summary>What is the same for every method.</summary>
    public required string Budget { get; init; }

    /// <summary>How a setting is chosen, for every method alike.</summary>
    public required string Rule { get; init; }

    /// <summary>The methods, each with its choice.</summary>
    public required IReadOnlyList<TunedMethod> Methods { get; init; }
}

/// <summary>One method's tuning.</summary>
/// <param name="Name">The method.</param>
/// <param name="Chosen">The chosen setting as <see cref="MethodCatalog"/> reads it.</param>
/// <param name="Candidates">Every setting with its figures.</param>
public sealed record TunedMethod(string Name, string Chosen, IReadOnlyList<TuningCandidate> Candidates);

/// <summary>One setting's figures on the tuning split.</summary>
/// <param name="Method">The setting.</param>
/// <param name="Effective">All of its parameters with their values, so that a changed default is not mistaken for the same setting.</param>
/// <param name="Harmful">Share of answers that are bad in any requirement.</param>
/// <param name="Met">Share of requirements met.</param>
/// <param name="Reward">Mean reward.</param>
/// <param name="AllGood">Share of answers with nothing wrong.</param>
/// <param name="Tokens">Token positions through both models per answer.</param>
/// <param name="Seconds">Seconds of one thread per answer.</param>
public sealed record TuningCandidate(
    string Method, string Effective, double Harmful, double Met, double Reward, double AllGood, double Tokens, double Seconds);
