namespace SeaGrpc.Alignment;

/// <summary>How far a response is from its draft.</summary>
internal static class TokenChanges
{
    /// <summary>Positions whose tokens differ, plus the difference of the lengths.</summary>
    public static int Count(IReadOnlyList<int> draft, IReadOnlyList<int> response)
    {
        int common = Math.Min(draft.Count, response.Count);
        int changed = Math.Abs(draft.Count - response.Count);
        for (int index = 0; index < common; index++)
        {
            changed += draft[index] == response[index] ? 0 : 1;
        }

        return changed;
    }
}
