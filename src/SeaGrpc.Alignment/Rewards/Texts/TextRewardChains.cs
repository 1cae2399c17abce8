using SeaGrpc.Alignment.Scoring;

namespace SeaGrpc.Alignment.Rewards.Texts;

/// <summary>Moved answers as a reward model reads their texts: from the first id on that a move changes.</summary>
internal sealed class TextRewardChains : IRewardChains
{
    private readonly TextRewardState _state;
    private TextReading?[] _readings;

    /// <summary>Reads answers.</summary>
    /// <param name="state">The reward.</param>
    /// <param name="rows">The answers.</param>
    /// <param name="readings">What was read of each before, or of a similar one; or null. Taken over.</param>
    public TextRewardChains(TextRewardState state, HardResponses rows, TextReading?[] readings)
    {
        _state = state;
        _readings = readings;
        Replace(rows, 0);
    }

    /// <summary>What has been read of each answer.</summary>
    public IReadOnlyList<TextReading?> Readings => _readings;

    public void Replace(HardResponses rows, int start)
    {
        TextReading?[] next = _state.Reader.Read(
            [.. Enumerable.Range(0, rows.Rows).Select(row => (_state.Prompt.Read(rows.Content(row), isWhole: true), _readings[row]))],
            keeps: true, copies: true).Readings;
        Dispose();
        _readings = next;
    }

    public (float[] Rewards, IRewardRows[]? Read) Moved(IReadOnlyList<MovedRows> groups, bool keeps = false)
    {
        int[][][] answers = [.. groups.Select(group => group.Rows.Contents())];
        (float[] rewards, TextReading?[] readings) = _state.Reader.Read(
            [
                .. groups.SelectMany((group, index) => group.Chains.Select(
                    (chain, row) => (_state.Prompt.Read(answers[index][row], isWhole: true), _readings[chain]))),
            ],
            keeps,
            copies: keeps);
        if (!keeps)
        {
            return (rewards, null);
        }

        List<IRewardRows> read = [];
        foreach (int[][] group in answers)
        {
            read.Add(new TextRewardRows(_state, [.. group.Select(own => own.ToList())], readings[..group.Length]));
            readings = readings[group.Length..];
        }

        return (rewards, [.. read]);
    }

    public void Dispose() => Array.ForEach(_readings, reading => reading?.Dispose());
}
