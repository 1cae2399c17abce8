namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>What happens to the matches that a text is split at.</summary>
internal enum SplitBehavior
{
    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each is a piece of its own.</summary>
    Isolated,

    /// <summary>Each is appended to the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each is prepended to the piece after it.</summary>
    MergedWithNext,

    /// <summary>Adjacent matches are one piece.</summary>
    Contiguous,
}
