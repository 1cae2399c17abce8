using SeaGrpc.Alignment.Scoring;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward that has read a prompt, with everything that the methods need from it. Owns its tensors.</summary>
internal interface IRewardState : IDisposable
{
    /// <summary>Whether it is computed outside the process, so that it is worth announcing and reading after the others.</summary>
    bool IsOutside => false;

    /// <summary>Keeps what is read of answers from now on, so that none of it is read again soon, if the reward can do so.</summary>
    void KeepReading()
    {
    }

    /// <summary>The rewards of whole answers, without gradients.</summary>
    float[] Rewards(HardResponses rows);

    /// <summary>
    /// Tells which whole answers are scored next, perhaps in several calls. A reward outside the process is asked for all of them at once,
    /// and answers while others compute.
    /// </summary>
    /// <param name="rows">Returns the answers; called only by a reward that makes use of it.</param>
    void Announce(Func<HardResponses> rows)
    {
    }

    /// <summary>The same for growing answers that are read next.</summary>
    /// <param name="readings">What is passed to <see cref="Read"/>.</param>
    void Announce(IReadOnlyList<RewardReading> readings)
    {
    }

    /// <summary>The gradient of the summed rewards at hard answers; not asked of a reward that has none.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="weight">Factor of the reward.</param>
    /// <param name="smoothing">The noise on the embeddings.</param>
    IRewardGradient Gradient(HardResponses rows, double weight, EmbeddingSmoothing smoothing);

    /// <summary>Creates empty answers that grow side by side.</summary>
    /// <param name="rows">Number of answers.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    IRewardRows Grow(int rows, int maxTokens);

    /// <summary>Creates a single growing answer that has been read to be moved. It is a copy.</summary>
    /// <param name="chains">The only answer, of this state.</param>
    /// <param name="answer">Its ids, without EOS.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    IRewardRows Grow(IRewardChains chains, IReadOnlyList<int> answer, int maxTokens);

    /// <summary>Creates answers that continue rows of others of this state. A row may be used several times.</summary>
    /// <param name="from">The source of each answer.</param>
    /// <param name="maxTokens">Maximum number of tokens.</param>
    /// <param name="length">Number of first tokens that each keeps; null if all are equally long and keep all tokens.</param>
    IRewardRows Gather(IReadOnlyList<(IRewardRows Source, int Row)> from, int maxTokens, int? length = null);

    /// <summary>
    /// Creates answers that continue rows of others, which keep their caches. These are read in place instead of copied, if the reward can
    /// do so.
    /// </summary>
    /// <param name="source">The others, of this state.</param>
    /// <param name="rows">The row that each continues. A row may be used several times.</param>
    /// <param name="room">Maximum number of additional tokens of each answer.</param>
    /// <param name="length">Number of first tokens that each continues; null for all.</param>
    IRewardRows Fan(IRewardRows source, IReadOnlyList<int> rows, int room, int? length = null);

    /// <summary>Reads the next tokens of several groups of growing answers, together if the reward can do so.</summary>
    /// <returns>Each group's scores.</returns>
    float[][] Read(IReadOnlyList<RewardReading> readings) =>
        [.. readings.Select(reading => reading.Rows.Read(reading.Tokens, reading.Suffixed, reading.Advance))];

    /// <summary>
    /// Reads the tokens that the rows of several groups continue with, without scoring, together if the reward can do so. In a group they
    /// are equally many.
    /// </summary>
    void Follow(IReadOnlyList<(IRewardRows Rows, IReadOnlyList<int[]> Tokens)> groups)
    {
        foreach ((IRewardRows rows, IReadOnlyList<int[]> tokens) in groups)
        {
            rows.Follow(tokens);
        }
    }

    /// <summary>Creates answers that are moved in small steps, so that the tokens before a change need not be read again.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="room">Maximum number of positions of answers that replace them; 0 if they stay equally long.</param>
    /// <param name="read">A single row of this state that the only answer was read in, or its first tokens; or null. It is copied.</param>
    IRewardChains Follow(HardResponses rows, int room = 0, IRewardRows? read = null);
}

/// <summary>A reward's gradient at hard answers, with respect to relaxed one-hot tokens. Owns its tensors.</summary>
internal interface IRewardGradient : IDisposable
{
    /// <summary>
    /// The rewards where the gradient was taken [rows], unweighted. Without smoothing noise these are the answers' rewards.
    /// </summary>
    IReadOnlyList<float> Rewards { get; }

    /// <summary>Adds factor times weight times d reward / d y for a range of positions.</summary>
    /// <param name="sum">[count, policy's vocabulary], fp32; changed in place.</param>
    /// <param name="start">First of the positions, counted over all rows.</param>
    /// <param name="factor">The factor.</param>
    void AddTo(Tensor sum, long start, double factor);
}

/// <summary>The next tokens of a group of growing answers: the arguments of <see cref="IRewardRows.Read"/>.</summary>
/// <param name="Rows">The answers.</param>
/// <param name="Tokens">New ids of each row, without EOS.</param>
/// <param name="Suffixed">Whether each row is scored as a whole answer.</param>
/// <param name="Advance">Number of the new tokens that stay read.</param>
internal sealed record RewardReading(IRewardRows Rows, IReadOnlyList<int[]> Tokens, IReadOnlyList<bool> Suffixed, int Advance);

/// <summary>Growing answers. Owns its tensors.</summary>
internal interface IRewardRows : IDisposable
{
    /// <summary>
    /// Reads every row's next tokens and scores the row: as a whole answer if <paramref name="suffixed"/> is true, otherwise as it is so
    /// far.
    /// </summary>
    /// <param name="tokens">New ids of each row, without EOS.</param>
    /// <param name="suffixed">Whether each row is scored as a whole answer.</param>
    /// <param name="advance">Number of the new tokens that stay read. A row with fewer must not continue.</param>
    float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance);

    /// <summary>Reads the tokens that the rows continue with, without scoring.</summary>
    /// <param name="tokens">New ids of each row, without EOS, equally many.</param>
    void Follow(IReadOnlyList<int[]> tokens);
}

/// <summary>Answers that are moved. Owns its tensors.</summary>
internal interface IRewardChains : IDisposable
{
    /// <summary>Replaces the answers by others of the same number, which fit into the room.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="start">First position at which any of them differs.</param>
    void Replace(HardResponses rows, int start);

    /// <summary>The rewards of moved answers, which are read together.</summary>
    /// <param name="groups">The moved answers.</param>
    /// <param name="keeps">Whether what is read of them is wanted.</param>
    /// <returns>
    /// The rewards of all rows, group by group, and each group's answers as growing ones that have been read, which the caller disposes.
    /// </returns>
    (float[] Rewards, IRewardRows[]? Read) Moved(IReadOnlyList<MovedRows> groups, bool keeps = false);
}

/// <summary>Moved answers that are read from the same position on.</summary>
/// <param name="Rows">The answers after their moves.</param>
/// <param name="Chains">The answer that each is a move of.</param>
/// <param name="Start">No row differs from its answer before this position.</param>
internal sealed record MovedRows(HardResponses Rows, IReadOnlyList<int> Chains, int Start);
