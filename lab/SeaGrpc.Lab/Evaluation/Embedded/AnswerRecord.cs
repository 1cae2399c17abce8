using System.Text.Json.Serialization;
using SeaGrpc.Alignment;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>One finished answer: a line of the partial results.</summary>
public sealed record AnswerRecord
{
    /// <summary>Hash of everything that determines the answer.</summary>
    public required string Key { get; init; }

    /// <summary>The commit whose program made it.</summary>
    public required string Commit { get; init; }

    /// <summary>The method's name in reports.</summary>
    public required string Method { get; init; }

    /// <summary>The prompt's place among the prompts.</summary>
    public required int PromptIndex { get; init; }

    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The answer.</summary>
    public required string Text { get; init; }

    /// <summary>The judge's findings.</summary>
    public required Assessment Assessment { get; init; }

    /// <summary>The reward model's r(x,y).</summary>
    public required double Reward { get; init; }

    /// <summary>log pi_ref(y|x) in nats.</summary>
    public required double LogProbability { get; init; }

    /// <summary>-log pi_ref of every token, EOS included, in nats.</summary>
    [JsonPropertyName("surprise")]
    public required IReadOnlyList<float> Surprisal { get; init; }

    /// <summary>KL to the reference at every position as the run reports it for the answer, in nats; null if it reports none.</summary>
    public IReadOnlyList<float>? Kl { get; init; }

    /// <summary>What the run counted.</summary>
    public required AlignmentCost Cost { get; init; }

    /// <summary>Prefill to answer; <see cref="ThreadClock"/> says of what.</summary>
    public required double Seconds { get; init; }

    /// <summary>The best response's reward at the draft and after every iteration.</summary>
    public required IReadOnlyList<double> BestReward { get; init; }

    /// <summary>The best response's energy at the draft and after every iteration, in nats.</summary>
    public required IReadOnlyList<double> BestEnergy { get; init; }

    /// <summary>The chains' mean reward at the draft and after every iteration.</summary>
    public required IReadOnlyList<double> MeanReward { get; init; }

    /// <summary>The chains' mean energy at the draft and after every iteration, in nats.</summary>
    public required IReadOnlyList<double> MeanEnergy { get; init; }
}
