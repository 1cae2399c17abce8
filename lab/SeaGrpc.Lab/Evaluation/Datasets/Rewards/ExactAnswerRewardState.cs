using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Lab.Evaluation.Datasets.Rewards;

/// <summary>Exact answers to one prompt. A prefix is judged as the text that it is.</summary>
/// <param name="isRight">Whether ids, EOS excluded, are a right answer.</param>
internal sealed class ExactAnswerRewardState(Func<IEnumerable<int>, bool> isRight) : IRewardState
{
    public float[] Rewards(HardResponses rows) => [.. Enumerable.Range(0, rows.Rows).Select(row => Reward(rows.Content(row)))];

    public IRewardGradient Gradient(HardResponses rows, double weight, EmbeddingSmoothing smoothing) =>
        throw new NotSupportedException("Exact answers have no gradient.");

    public IRewardRows Grow(int rows, int maxTokens) =>
        new RereadRewardRows(Rewards, [.. Enumerable.Range(0, rows).Select(_ => new List<int>())]);

    public IRewardRows Gather(IReadOnlyList<(IRewardRows Source, int Row)> from, int maxTokens, int? length = null) =>
        new RereadRewardRows(Rewards, [.. from.Select(pick => ((RereadRewardRows)pick.Source).Copy(pick.Row, length))]);

    public IRewardRows Fan(IRewardRows source, IReadOnlyList<int> rows, int room, int? length = null) =>
        Gather([.. rows.Select(row => (source, row))], room, length);

    public IRewardChains Follow(HardResponses rows, int room = 0) => new RereadRewardChains(Rewards);

    public void Dispose()
    {
    }

    private float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) => [.. answers.Select(Reward)];

    private float Reward(IReadOnlyList<int> answer) => isRight(answer) ? 1 : 0;
}
