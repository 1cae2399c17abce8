namespace SeaGrpc.Alignment.Sea;

/// <summary>Whether responses may change length.</summary>
public enum SeaLength
{
    /// <summary>The end of each draft stays where it is.</summary>
    Fixed,

    /// <summary>
    /// EOS is a token like any other: positions after the first EOS are inactive, and become active if it moves. No response becomes longer
    /// than the longest draft.
    /// </summary>
    Free,
}
