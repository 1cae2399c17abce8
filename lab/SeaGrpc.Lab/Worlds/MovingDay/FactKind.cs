namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>
/// What a fact of a slip is about, in the order in which slips and answers name them. The number is the requirement's index.
/// </summary>
internal enum FactKind
{
    /// <summary>Who moves.</summary>
    Customer,

    /// <summary>The day of the visit.</summary>
    Day,

    /// <summary>The hour of the visit.</summary>
    Hour,

    /// <summary>What is carried; a slip has one to three of these.</summary>
    Item,

    /// <summary>Where the van waits; a slip may have none.</summary>
    Gate,

    /// <summary>What it costs; a slip may have none.</summary>
    Price,
}
