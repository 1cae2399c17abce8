using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>Moved answers as a reward model reads their texts: from the first id on that a move changes.</summary>
internal sealed class TextRewardChains : IRewardChains
{
    private readonly TextRewardState _state;
    private TextReading?[] _readings;

    public TextRewardChains(TextRewardState state, HardResponses rows)
    {
        _state = state;
        _readings = new TextReading?[rows.Rows];
        Replace(rows, 0);
    }

    public void Replace(HardResponses rows, int start)
    {
        TextReading?[] next = _state.Reader.Read(
            [.. Enumerable.Range(0, rows.Rows).Select(row => (_state.Prompt.Read(rows.Content(row), isWhole: true), _readings[row]))],
            keeps: true, copies: true).Readings;
        Dispose();
        _readings = next;
    }

    public float[] Moved(HardResponses rows, IReadOnlyList<int> chains, int start) => _state.Reader.Read(
        [.. chains.Select((chain, row) => (_state.Prompt.Read(rows.Content(row), isWhole: true), _readings[chain]))]).Rewards;

    public void Dispose() => Array.ForEach(_readings, reading => reading?.Dispose());
}
