namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>Ways in which a draft can be wrong.</summary>
internal enum MovingError
{
    /// <summary>A word is missing.</summary>
    WordDropped,

    /// <summary>A word stands twice.</summary>
    WordDoubled,

    /// <summary>Two neighbouring words are swapped.</summary>
    WordSwapped,

    /// <summary>A word of the language stands where none belongs.</summary>
    WordInserted,

    /// <summary>A sentence that is due is missing.</summary>
    SentenceDropped,

    /// <summary>A sentence stands twice.</summary>
    SentenceDoubled,

    /// <summary>Two neighbouring sentences are swapped.</summary>
    SentenceSwapped,

    /// <summary>A sentence about something that the slip does not have.</summary>
    SentenceInserted,

    /// <summary>A fact is another one of its kind.</summary>
    FactChanged,
}
