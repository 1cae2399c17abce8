namespace SeaGrpc.Alignment.Policies.Engines;

/// <summary>Growing rows whose tokens an engine draws. They have no cache.</summary>
internal sealed class EnginePolicyRows : PolicyRows
{
    private readonly EngineReference _policy;
    private EngineRowReading? _asked;
    private int _askedFrom;
    private EngineBeamOutlook? _told;

    /// <summary>Rows that start with given tokens.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="context">The run.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="prefix">The tokens; may be empty.</param>
    public EnginePolicyRows(EngineReference policy, RunContext context, int rows, IReadOnlyList<int> prefix)
        : base(context, rows, prefix) => _policy = policy;

    private EnginePolicyRows(EngineReference policy, IReadOnlyList<(PolicyRows Source, int Row)> from, int kept, bool keepsEnds)
        : base(from, kept, keepsEnds) => _policy = policy;

    public override BeamOutlook? Told => _told;

    public override PolicyRows Fan(IReadOnlyList<int> rows, int room) =>
        new EnginePolicyRows(_policy, [.. rows.Select(row => (this, row))], Length, keepsEnds: true);

    /// <summary>Appends what was drawn. Rows that end earlier than others are filled with EOS.</summary>
    /// <param name="drawn">What was drawn for each row; null for one that had ended.</param>
    public void Append(IReadOnlyList<DrawnTokens?> drawn)
    {
        _told = new EngineBeamOutlook(_policy, [.. drawn.Select(row => row?.Alternatives[0] ?? [])]);
        for (int position = 0; position < drawn.Max(row => row?.Tokens.Count ?? 0); position++)
        {
            Append(
                [.. drawn.Select(row => position < row?.Tokens.Count ? row.Tokens[position] : (long)Context.Models.Prompts.EosId)],
                [.. drawn.Select(row => position < row?.Tokens.Count ? row.LogProbabilities[position] : 0)]);
        }
    }

    public override void Dispose() => _asked?.Dispose();

    protected override PolicyRows Gathered(IReadOnlyList<(PolicyRows Source, int Row)> from, int maxTokens, int? length) =>
        new EnginePolicyRows(_policy, from, length ?? Length, keepsEnds: length is null);

    // The engine reads while the rewards do.
    protected override float[][] Followed(IReadOnlyList<(PolicyRows Row, long[] Targets)> responses)
    {
        foreach ((PolicyRows row, long[] targets) in responses)
        {
            ((EnginePolicyRows)row).Ask(targets);
        }

        return [.. responses.Select(one => new float[one.Targets.Length])];
    }

    protected override void Complete(IReadOnlyList<float[]> own)
    {
        if (_asked is null)
        {
            return;
        }

        using EngineRowReading asked = _asked;
        _asked = null;
        foreach ((int position, float told) in asked.TakeRagged()[0].Index())
        {
            own[_askedFrom + position][0] = told;
        }
    }

    private void Ask(long[] targets)
    {
        _asked = new EngineRowReading(_policy.Engine, Context.Task.Prompt, [[.. targets.Select(id => (int)id)]], Context.Cost);
        _askedFrom = Length;
    }
}
