namespace SeaGrpc.Alignment;

/// <summary>A response and what the models say of it, evaluated on its hard tokens without smoothing.</summary>
/// <param name="Tokens">Response ids, EOS excluded.</param>
/// <param name="EndsWithEos">
/// Whether the response ended by EOS (true), or was cut at the token limit or is a search's that has not ended yet (false).
/// </param>
/// <param name="Reward">The reward model's r(x,y), in its own units; NaN if it is not scored.</param>
/// <param name="LogProbability">log pi_ref(y|x) in nats, summed over the response, EOS included where there is one; NaN if it is not
/// scored.</param>
/// <param name="Energy">The energy U(x,y) of <see cref="Energy"/>, in nats; lower is better. NaN if it is not scored.</param>
public sealed record ScoredResponse(IReadOnlyList<int> Tokens, bool EndsWithEos, double Reward, double LogProbability, double Energy)
{
    /// <summary>Whether the models have read it. Only a caller's draft may be an answer that they have not.</summary>
    public bool IsScored => !double.IsNaN(Energy);

    /// <summary>A caller's draft that no model has read.</summary>
    /// <param name="tokens">Response ids, EOS excluded.</param>
    public static ScoredResponse Unscored(IReadOnlyList<int> tokens) => new(tokens, true, double.NaN, double.NaN, double.NaN);
}

/// <summary>One chain (or candidate) at one iteration.</summary>
public sealed record ChainSnapshot
{
    /// <summary>Index of the chain, from 0.</summary>
    public required int Chain { get; init; }

    /// <summary>The chain's response now.</summary>
    public required ScoredResponse Response { get; init; }

    /// <summary>
    /// Mean over the response's positions of KL(softmax(Y/tau) || pi_ref), in nats; null if the method has no logits of its own.
    /// </summary>
    public double? KlToReference { get; init; }

    /// <summary>The same per position, in nats; null if the method has no logits of its own.</summary>
    public IReadOnlyList<float>? KlPerToken { get; init; }

    /// <summary>Euclidean norm of dU/dY over this chain; null if there is no gradient.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Positions whose token differs from the chain's draft (Hamming, plus the difference of the lengths).</summary>
    public int ChangedTokens { get; init; }
}

/// <summary>
/// One event of a running alignment, in plain numbers. A run reports its drafts and its iterations. The engine passes these
/// on as they are, and adds its own before and after them: the wait, the start and the end.
/// </summary>
public abstract record AlignmentUpdate;

/// <summary>The run has its drafts: where it starts from.</summary>
/// <param name="Chains">Every chain's draft, scored.</param>
/// <param name="Best">The draft that the outcome is compared with: the caller's, or else the highest reward among them.</param>
public sealed record DraftUpdate(IReadOnlyList<ChainSnapshot> Chains, ScoredResponse Best) : AlignmentUpdate;

/// <summary>One iteration has run.</summary>
/// <param name="Index">Index of the iteration, from 1.</param>
/// <param name="Total">How many there will be at most.</param>
/// <param name="Chains">Every chain after this iteration.</param>
/// <param name="Best">The best response so far: what <see cref="IAlignmentRun.Complete"/> would answer with now.</param>
public sealed record IterationUpdate(int Index, int Total, IReadOnlyList<ChainSnapshot> Chains, ScoredResponse Best) : AlignmentUpdate
{
    /// <summary>
    /// The best prefix of a search that is under way, with the reward and energy that it is scored by; null if none is.
    /// </summary>
    public ScoredResponse? Leading { get; init; }
}

/// <summary>A search has made a step within an iteration.</summary>
/// <param name="Best">The best response so far: what <see cref="IAlignmentRun.Complete"/> would answer with now.</param>
/// <param name="Leading">The search's best prefix, with the reward and energy that it is scored by.</param>
public sealed record ProgressUpdate(ScoredResponse Best, ScoredResponse Leading) : AlignmentUpdate;

/// <summary>Why a run ended.</summary>
public enum StopReason
{
    /// <summary>All iterations (or samples) were done.</summary>
    Iterations,

    /// <summary>The plateau stop.</summary>
    Converged,

    /// <summary>The time limit, or the deadline less its margin.</summary>
    TimeLimit,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>The server is shutting down.</summary>
    Draining,
}

/// <summary>
/// What a method spent to find its answer, counted over all models. Passes for figures that are only reported (log pi_ref of
/// best_of_n, which ranks by reward alone) are not counted.
/// </summary>
/// <param name="ForwardPasses">Forward passes of either model, each over a whole batch.</param>
/// <param name="BackwardPasses">Backward passes of either model.</param>
/// <param name="PolicyTokens">Token positions through the policy, all rows; a backward pass counts its positions once more.</param>
/// <param name="RewardTokens">Token positions through the reward models, all rows; likewise.</param>
public sealed record AlignmentCost(long ForwardPasses, long BackwardPasses, long PolicyTokens, long RewardTokens);

/// <summary>How a run ended.</summary>
/// <param name="StopReason">Why.</param>
/// <param name="Response">The answer.</param>
/// <param name="Draft">The draft that it is compared with.</param>
/// <param name="Chain">The chain (or candidate) of the answer, from 0.</param>
/// <param name="Iteration">The iteration of the answer; 0 is the draft.</param>
/// <param name="IterationsRun">How many iterations ran.</param>
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
    /// <summary>A caller's draft as the answer where time was up before any model had read it.</summary>
    /// <param name="draft">Its ids, EOS excluded.</param>
    public static AlignmentOutcome OfUnscored(IReadOnlyList<int> draft)
    {
        ScoredResponse unscored = ScoredResponse.Unscored(draft);
        return new AlignmentOutcome(StopReason.TimeLimit, unscored, unscored, 0, 0, 0, new AlignmentCost(0, 0, 0, 0));
    }
}
