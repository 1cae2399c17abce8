using System.Text.Json.Serialization;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>One method's figures over all prompts and seeds. Shares are in [0, 1].</summary>
public sealed record MethodSummary
{
    /// <summary>The method's name in reports.</summary>
    public required string Name { get; init; }

    /// <summary>Baseline, SEA or ablation.</summary>
    public required MethodGroup Group { get; init; }

    /// <summary>What ran, as <see cref="MethodCatalog"/> reads it.</summary>
    public required string Method { get; init; }

    /// <summary>Whether its settings were chosen on the tuning split.</summary>
    public required bool Tuned { get; init; }

    /// <summary>Number of answers.</summary>
    public required int Answers { get; init; }

    /// <summary>The reward model's r(x,y).</summary>
    public required Interval Reward { get; init; }

    /// <summary>Share of answers that are bad in any requirement.</summary>
    public required Interval Harmful { get; init; }

    /// <summary>Share of answers with nothing wrong.</summary>
    public required Interval AllGood { get; init; }

    /// <summary>Share of requirements met.</summary>
    public required Interval Met { get; init; }

    /// <summary>Share of answers that the world's grammar generates.</summary>
    public required Interval Grammatical { get; init; }

    /// <summary>Share of answers to the prompt's own topic.</summary>
    public required Interval OnTopic { get; init; }

    /// <summary><see cref="Metrics.Diversity"/> within an answer, its mean over answers.</summary>
    public required double Diversity { get; init; }

    /// <summary><see cref="Metrics.Diversity"/> over all answers of a seed together, its mean over seeds.</summary>
    public required double DiversityAcross { get; init; }

    /// <summary>KL to the reference per token as the run reports it for its answer, in nats; null if it reports none.</summary>
    public Interval? Kl { get; init; }

    /// <summary>log pi_ref(y|x) in nats.</summary>
    public required Interval LogProbability { get; init; }

    /// <summary>What one answer costs.</summary>
    public required CostFigures Cost { get; init; }

    /// <summary>Mean -log pi_ref of a token by its place in the answer: 20 equal parts, in nats.</summary>
    [JsonPropertyName("surpriseByPlace")]
    public required IReadOnlyList<double> SurprisalByPlace { get; init; }

    /// <summary>Mean reported KL by place, likewise; null if none is reported.</summary>
    public IReadOnlyList<double>? KlByPlace { get; init; }

    /// <summary>Figures per iteration.</summary>
    public required IterationCurves Iterations { get; init; }

    /// <summary>Commits whose programs made the answers.</summary>
    public required IReadOnlyList<string> Commits { get; init; }
}

/// <summary>What one answer costs, on average.</summary>
/// <param name="ForwardPasses">Forward passes of either model.</param>
/// <param name="BackwardPasses">Backward passes of either model.</param>
/// <param name="PolicyTokens">Token positions through the policy.</param>
/// <param name="RewardTokens">Token positions through the reward model.</param>
/// <param name="Seconds">Of one thread.</param>
public sealed record CostFigures(double ForwardPasses, double BackwardPasses, double PolicyTokens, double RewardTokens, double Seconds)
{
    /// <summary>Token positions through both models.</summary>
    public double Tokens => PolicyTokens + RewardTokens;
}

/// <summary>Means over all answers at the draft (index 0) and after every iteration; a run that has ended keeps its last figures.</summary>
/// <param name="BestReward">Reward of the best response so far.</param>
/// <param name="BestEnergy">Its energy, in nats.</param>
/// <param name="MeanReward">Mean reward of the chains.</param>
/// <param name="MeanEnergy">Their mean energy, in nats.</param>
public sealed record IterationCurves(
    IReadOnlyList<double> BestReward, IReadOnlyList<double> BestEnergy, IReadOnlyList<double> MeanReward, IReadOnlyList<double> MeanEnergy);
