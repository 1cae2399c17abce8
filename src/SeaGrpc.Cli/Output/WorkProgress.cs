namespace SeaGrpc.Cli.Output;

/// <summary>What a <see cref="WorkProgress"/> counts.</summary>
public enum WorkUnit
{
    /// <summary>Prompts, rows, steps or the like.</summary>
    Pieces,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Seconds.</summary>
    Seconds,
}

/// <summary>How far a piece of work is.</summary>
/// <param name="Name">What it is, for people. Reports of one name belong together.</param>
/// <param name="Done">How much is done.</param>
/// <param name="Total">How much there is; null where that is not known.</param>
/// <param name="Unit">What is counted.</param>
public readonly record struct WorkProgress(string Name, long Done = 0, long? Total = null, WorkUnit Unit = WorkUnit.Pieces)
{
    /// <summary>Whether nothing is left of it.</summary>
    public bool IsOver => Done >= Total;

    /// <summary>The same work, finished.</summary>
    public WorkProgress Finished => this with { Done = Total ?? 1, Total = Total ?? 1 };
}
