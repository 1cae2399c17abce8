namespace SeaGrpc.Alignment;

/// <summary>What runs outside the process, a reward or the policy, did not answer, or not as it must.</summary>
public abstract class OutsideFailedException : Exception
{
    private protected OutsideFailedException(string message, bool isMalformed, Exception? cause)
        : base(message, cause) => IsMalformed = isMalformed;

    /// <summary>Whether it answered, but not as it must. Asking again does not help then.</summary>
    public bool IsMalformed { get; }

    /// <summary>Whether it refuses this request, which says nothing about others: a text is too long for it, for example.</summary>
    public bool IsRefusal { get; init; }
}
