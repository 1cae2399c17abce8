namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>The sentences of an answer, in their order.</summary>
internal enum SentenceKind
{
    /// <summary>Greets the customer, and says on which day and at what hour the movers come.</summary>
    Visit,

    /// <summary>Says that one item is carried: one sentence for each item of the slip.</summary>
    Item,

    /// <summary>Says where the van waits.</summary>
    Gate,

    /// <summary>Says what it costs.</summary>
    Price,
}
