using Google.Rpc;

namespace SeaGrpc.Server.Errors;

/// <summary>As many violations as a status has room for; the last one says how many were omitted.</summary>
internal static class ListedViolations
{
    private const int TagBytes = 3; // of a violation: field and length
    private const int LastBytes = 100;

    /// <summary>At least one violation is listed.</summary>
    /// <param name="violations">In order.</param>
    /// <param name="unlisted">How many there were besides.</param>
    /// <param name="mostBytes">Most bytes of all together.</param>
    public static BadRequest Of(IEnumerable<BadRequest.Types.FieldViolation> violations, int unlisted, int mostBytes)
    {
        var listed = new BadRequest();
        int bytes = LastBytes;
        foreach (BadRequest.Types.FieldViolation violation in violations)
        {
            bytes += violation.CalculateSize() + TagBytes;
            if (bytes <= mostBytes || listed.FieldViolations.Count == 0)
            {
                listed.FieldViolations.Add(violation);
            }
            else
            {
                unlisted++;
            }
        }

        if (unlisted > 0)
        {
            listed.FieldViolations.Add(new BadRequest.Types.FieldViolation
            {
                Description = $"and {unlisted} more violations, which are not listed",
                Reason = "MORE_VIOLATIONS",
            });
        }

        return listed;
    }
}
