using SeaGrpc.Alignment.Scoring;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Rewards;

/// <summary>A reward that has read a prompt: all that the methods ask of it. Owns its tensors.</summary>
internal interface IRewardState : IDisposable
{
    /// <summary>The rewards of whole answers, without gradients.</summary>
    float[] Rewards(HardResponses rows);

    /// <summary>The gradient of the summed rewards at hard answers; not asked of a reward that has none.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="weight">Factor of the reward.</param>
    /// <param name="smoothing">The noise on the embeddings.</param>
    IRewardGradient Gradient(HardResponses rows, double weight, EmbeddingSmoothing smoothing);

    /// <summary>Empty answers that grow side by side.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    IRewardRows Grow(int rows, int maxTokens);

    /// <summary>Answers that continue from rows of others of this state; a row may be taken several times.</summary>
    /// <param name="from">Where each comes from.</param>
    /// <param name="maxTokens">Most tokens that they will have.</param>
    /// <param name="length">Tokens that each keeps, its first ones; null if all have equally many and keep them.</param>
    IRewardRows Gather(IReadOnlyList<(IRewardRows Source, int Row)> from, int maxTokens, int? length = null);

    /// <summary>
    /// Answers that go on from rows of others, which keep what they have: it is read in its place and not copied, where the reward can.
    /// </summary>
    /// <param name="source">The others, of this state.</param>
    /// <param name="rows">The row that each goes on from; a row may be taken several times.</param>
    /// <param name="room">Most tokens that each will have beyond those that it goes on from.</param>
    /// <param name="length">Tokens that each goes on from, the first ones; null is all.</param>
    IRewardRows Fan(IRewardRows source, IReadOnlyList<int> rows, int room, int? length = null);

    /// <summary>Reads several groups of growing answers on, together where the reward can.</summary>
    /// <returns>Each group's scores.</returns>
    float[][] Read(IReadOnlyList<RewardReading> readings) =>
        [.. readings.Select(reading => reading.Rows.Read(reading.Tokens, reading.Suffixed, reading.Advance))];

    /// <summary>Answers that are moved a little at a time: what stands before a change need not be read again.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="room">Most positions that answers in their place will have; 0 if they stay as long.</param>
    IRewardChains Follow(HardResponses rows, int room = 0);
}

/// <summary>A reward's gradient at hard answers, with respect to relaxed one-hot tokens. Owns its tensors.</summary>
internal interface IRewardGradient : IDisposable
{
    /// <summary>
    /// The rewards where the gradient was taken [rows], without weight: the answers' own where there is no smoothing noise.
    /// </summary>
    IReadOnlyList<float> Rewards { get; }

    /// <summary>Adds factor times weight times d reward / d y of a range of positions.</summary>
    /// <param name="sum">[count, policy's vocabulary], fp32; changed in place.</param>
    /// <param name="start">First of the positions, counted over all rows.</param>
    /// <param name="factor">The factor.</param>
    void AddTo(Tensor sum, long start, double factor);
}

/// <summary>What is read of a group of growing answers: the arguments of <see cref="IRewardRows.Read"/>.</summary>
/// <param name="Rows">The answers.</param>
/// <param name="Tokens">New ids of each row, EOS excluded.</param>
/// <param name="Suffixed">Whether a row is scored as a whole answer.</param>
/// <param name="Advance">How many of the new tokens stay read.</param>
internal sealed record RewardReading(IRewardRows Rows, IReadOnlyList<int[]> Tokens, IReadOnlyList<bool> Suffixed, int Advance);

/// <summary>Growing answers. Owns its tensors.</summary>
internal interface IRewardRows : IDisposable
{
    /// <summary>
    /// Reads every row's next tokens and scores it, as a whole answer where <paramref name="suffixed"/>, else as it stands.
    /// </summary>
    /// <param name="tokens">New ids of each row, EOS excluded.</param>
    /// <param name="suffixed">Whether a row is scored as a whole answer.</param>
    /// <param name="advance">How many of the new tokens stay read; a row that has fewer must not continue.</param>
    float[] Read(IReadOnlyList<int[]> tokens, IReadOnlyList<bool> suffixed, int advance);

    /// <summary>Reads tokens that every row continues with, without a score.</summary>
    void Follow(IReadOnlyList<int> tokens);
}

/// <summary>Answers that are moved. Owns its tensors.</summary>
internal interface IRewardChains : IDisposable
{
    /// <summary>Puts other answers in their place, as many, and no longer than there is room for.</summary>
    /// <param name="rows">The answers.</param>
    /// <param name="start">First position at which any of them differs.</param>
    void Replace(HardResponses rows, int start);

    /// <summary>The rewards of moved answers.</summary>
    /// <param name="rows">The moved answers.</param>
    /// <param name="chains">The answer that each is a move of.</param>
    /// <param name="start">No row differs from its answer before this position.</param>
    float[] Moved(HardResponses rows, IReadOnlyList<int> chains, int start);
}
