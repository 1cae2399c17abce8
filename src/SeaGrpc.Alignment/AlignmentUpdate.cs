using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Alignment;

/// <summary>A response and its scores, computed from its hard tokens without smoothing.</summary>
/// <param name="Tokens">Response ids, without EOS.</param>
/// <param name="EndsWithEos">
/// Whether the response ended by EOS, or before a stop string, and is scored with its EOS (true); or was cut at the token limit or is still
/// being searched (false).
/// </param>
/// <param name="Reward">The reward r(x,y) in the reward model's units; NaN if unscored.</param>
/// <param name="LogProbability">log pi_ref(y|x) in nats, summed over the response, including EOS if there is one; NaN if unscored.</param>
/// <param name="Energy">The energy U(x,y) of <see cref="Energy"/>, in nats; lower is better. NaN if unscored.</param>
public sealed record ScoredResponse(IReadOnlyList<int> Tokens, bool EndsWithEos, double Reward, double LogProbability, double Energy)
{
    /// <summary>How fluent it is; perfect if it is unscored.</summary>
    internal Fluency Fluency { get; init; }

    /// <summary>The stop string that it ends before; null if none ended it.</summary>
    public string? StopString { get; init; }

    /// <summary>Whether the models have scored it. Only a caller's draft may be an unscored answer.</summary>
    public bool IsScored => !double.IsNaN(Energy);

    /// <summary>Creates a response from a caller's draft that no model has read.</summary>
    /// <param name="tokens">Response ids, without EOS.</param>
    public static ScoredResponse Unscored(IReadOnlyList<int> tokens) => new(tokens, true, double.NaN, double.NaN, double.NaN);
}

/// <summary>One chain (or candidate) at one iteration.</summary>
public sealed record ChainSnapshot
{
    /// <summary>Index of the chain, from 0.</summary>
    public required int Chain { get; init; }

    /// <summary>The chain's current response.</summary>
    public required ScoredResponse Response { get; init; }

    /// <summary>Mean over the response's positions of KL(softmax(Y/tau) || pi_ref), in nats; null if the method has no logits.</summary>
    public double? KlToReference { get; init; }

    /// <summary>The divergence at each position, in nats; null if the method has no logits.</summary>
    public IReadOnlyList<float>? KlPerToken { get; init; }

    /// <summary>Euclidean norm of dU/dY over this chain; null if there is no gradient.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Number of positions whose token differs from the chain's draft, plus the difference of the lengths.</summary>
    public int ChangedTokens { get; init; }
}

/// <summary>
/// One event of a running alignment, in plain numbers. A run reports its drafts and its iterations. The engine passes these on unchanged,
/// and adds events for the wait, the start and the end.
/// </summary>
public abstract record AlignmentUpdate;

/// <summary>The run has its drafts, from which it starts.</summary>
/// <param name="Chains">The scored draft of every chain.</param>
/// <param name="Best">The draft that the outcome is compared with: the caller's, otherwise the one with the highest reward.</param>
public sealed record DraftUpdate(IReadOnlyList<ChainSnapshot> Chains, ScoredResponse Best) : AlignmentUpdate;

/// <summary>One iteration has run.</summary>
/// <param name="Index">Index of the iteration, from 1.</param>
/// <param name="Total">Maximum number of iterations.</param>
/// <param name="Chains">Every chain after this iteration.</param>
/// <param name="Best">The best response so far, with which <see cref="IAlignmentRun.Complete"/> would answer now.</param>
public sealed record IterationUpdate(int Index, int Total, IReadOnlyList<ChainSnapshot> Chains, ScoredResponse Best) : AlignmentUpdate
{
    /// <summary>The best prefix of the search under way, with the reward and energy that score it; null if there is none.</summary>
    public ScoredResponse? Leading { get; init; }
}

/// <summary>A search has made a step within an iteration.</summary>
/// <param name="Best">The best response so far, with which <see cref="IAlignmentRun.Complete"/> would answer now.</param>
/// <param name="Leading">The best prefix of the search, with the reward and energy that score it.</param>
public sealed record ProgressUpdate(ScoredResponse Best, ScoredResponse Leading) : AlignmentUpdate;

/// <summary>Why a run ended.</summary>
public enum StopReason
{
    /// <summary>All iterations (or samples) were done.</summary>
    Iterations,

    /// <summary>The energy had stopped improving.</summary>
    Converged,

    /// <summary>The time limit, or the deadline minus its margin.</summary>
    TimeLimit,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>The server is shutting down.</summary>
    Draining,

    /// <summary>A reward outside the process failed.</summary>
    RewardFailed,

    /// <summary>The reward reached the sufficient one.</summary>
    SufficientReward,

    /// <summary>The policy does not understand the caller's draft, which is the answer.</summary>
    DraftNotUnderstood,

    /// <summary>The policy runs outside the process, and its engine failed.</summary>
    PolicyFailed,
}

/// <summary>
/// What a method spent to find its answer, counted over all models. Passes for figures that are only reported are not counted, such as log
/// pi_ref of best_of_n, which ranks by reward alone.
/// </summary>
/// <param name="ForwardPasses">Forward passes of either model, each over a whole batch.</param>
/// <param name="BackwardPasses">Backward passes of either model.</param>
/// <param name="PolicyTokens">Token positions through the policy, all rows; a backward pass counts its positions once more.</param>
/// <param name="RewardTokens">Token positions through the reward models, counted in the same way.</param>
public sealed record AlignmentCost(long ForwardPasses, long BackwardPasses, long PolicyTokens, long RewardTokens)
{
    /// <summary>The part of <see cref="PolicyTokens"/> and <see cref="RewardTokens"/> that backward passes took.</summary>
    public long BackwardTokens => PolicyBackwardTokens + RewardBackwardTokens;

    /// <summary>The part of <see cref="PolicyTokens"/> and <see cref="RewardTokens"/> that forward passes took.</summary>
    public long ForwardTokens => PolicyTokens + RewardTokens - BackwardTokens;

    /// <summary>
    /// The part of <see cref="PolicyTokens"/> and <see cref="RewardTokens"/> that was not read, because this run or another had read the
    /// same after the same prompt. Unlike the others, it depends on what else runs.
    /// </summary>
    public long ReusedTokens { get; init; }

    /// <summary>The part of <see cref="PolicyTokens"/> that backward passes count.</summary>
    public long PolicyBackwardTokens { get; init; }

    /// <summary>The part of <see cref="RewardTokens"/> that backward passes count.</summary>
    public long RewardBackwardTokens { get; init; }

    /// <summary>What the policy's engine says that it has read and drawn; zero if the policy is loaded.</summary>
    public PolicyTokens Engine { get; init; }
}

/// <summary>How a run ended.</summary>
/// <param name="StopReason">Why the run ended.</param>
/// <param name="Response">The answer.</param>
/// <param name="Draft">The draft that the answer is compared with.</param>
/// <param name="Chain">The chain (or candidate) of the answer, from 0.</param>
/// <param name="Iteration">The iteration that found the answer; 0 for the draft.</param>
/// <param name="IterationsRun">Number of iterations that ran.</param>
/// <param name="Cost">What was spent.</param>
public sealed record AlignmentOutcome(
    StopReason StopReason,
    ScoredResponse Response,
    ScoredResponse Draft,
    int Chain,
    int Iteration,
    int IterationsRun,
    AlignmentCost Cost)
{
    /// <summary>The outcome if time was up before any model had read the caller's draft, which is then the answer.</summary>
    /// <param name="draft">The draft's ids, without EOS.</param>
    /// <param name="stops">Knows whether the draft was cut; null if nothing is.</param>
    public static AlignmentOutcome OfUnscored(IReadOnlyList<int> draft, StopStrings? stops = null)
    {
        ScoredResponse unscored = ScoredResponse.Unscored(draft);
        unscored = stops?.Marked(unscored) ?? unscored;
        return new AlignmentOutcome(StopReason.TimeLimit, unscored, unscored, 0, 0, 0, new AlignmentCost(0, 0, 0, 0));
    }
}
