namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Blocks [Block, Block + Blocks), and queries [Query, Query + Queries) of each.</summary>
internal readonly record struct ScoreRange(long Block, long Blocks, long Query, long Queries);

/// <summary>The keys that queries see.</summary>
/// <param name="Positions">New positions of each row.</param>
/// <param name="Prompt">Number of keys of a separate prompt.</param>
/// <param name="Before">Number of the row's own keys that are older than this pass.</param>
/// <param name="Window">Maximum number of keys that a query sees, or null.</param>
/// <param name="Scale">Scaling of the scores.</param>
internal readonly record struct AttentionScope(long Positions, long Prompt, long Before, int? Window, ScoreScale Scale)
{
    /// <summary>Number of the row's own keys.</summary>
    public long Own => Before + Positions;

    /// <summary>The end of the row's own keys that some consecutive queries of a block see.</summary>
    /// <param name="query">The first query.</param>
    /// <param name="count">Number of queries.</param>
    public long EndOf(long query, long count) => Before + Math.Min(Positions, (query % Positions) + count);

    /// <summary>The keys that one query of a block sees.</summary>
    public VisibleKeys Of(long query) => VisibleKeys.Of(Prompt, Own, Before + (query % Positions), Window);
}
