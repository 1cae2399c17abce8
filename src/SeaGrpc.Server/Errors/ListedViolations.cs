using Google.Rpc;

namespace SeaGrpc.Server.Errors;

/// <summary>The violations that fit into a status. The last entry says how many were left out.</summary>
internal static class ListedViolations
{
    private const int TagBytes = 3; // of one violation: field number and length
    private const int LastBytes = 100;

    /// <summary>Returns the violations that fit; at least one.</summary>
    /// <param name="violations">In order.</param>
    /// <param name="unlisted">Number of further violations that were not collected.</param>
    /// <param name="mostBytes">Maximum size of the list in bytes.</param>
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
