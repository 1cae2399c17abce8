namespace SeaGrpc.Lab.Worlds;

/// <summary>Ways in which one word of a draft can be wrong.</summary>
internal enum WordError
{
    /// <summary>A word is missing.</summary>
    WordDropped,

    /// <summary>A word stands twice.</summary>
    WordDoubled,

    /// <summary>Two neighbouring words are swapped.</summary>
    WordSwapped,

    /// <summary>A word stands where none belongs.</summary>
    WordInserted,
}
