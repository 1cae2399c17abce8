namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Blocks [Block, Block + Blocks) and of each its queries [Query, Query + Queries).</summary>
internal readonly record struct ScoreRange(long Block, long Blocks, long Query, long Queries);

/// <summary>What queries see.</summary>
/// <param name="Positions">New positions of each row.</param>
/// <param name="Prompt">Keys of a prompt that stands apart.</param>
/// <param name="Before">Keys of the row's own that are older than this pass.</param>
/// <param name="Window">Most keys that a query sees, or null.</param>
/// <param name="Scale">What becomes of scores.</param>
internal readonly record struct AttentionScope(long Positions, long Prompt, long Before, int? Window, ScoreScale Scale)
{
    /// <summary>The row's own keys.</summary>
    public long Own => Before + Positions;

    /// <summary>What a block's query sees.</summary>
    public VisibleKeys Of(long query) => VisibleKeys.Of(Prompt, Own, Before + (query % Positions), Window);
}
