using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Lab.Evaluation.Datasets.Rewards;

/// <summary>Exact answers to one prompt. A prefix is judged as the text that it is.</summary>
/// <param name="isRight">Whether ids, EOS excluded, are a right answer.</param>
internal sealed class ExactAnswerRewardState(Func<IEnumerable<int>, bool> isRight) : RereadRewardState
{
    public override float[] Rewards(IReadOnlyList<IReadOnlyList<int>> answers, IReadOnlyList<bool> whole) =>
        [.. answers.Select(answer => isRight(answer) ? 1f : 0f)];
}
