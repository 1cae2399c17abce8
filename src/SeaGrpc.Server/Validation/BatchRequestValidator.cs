using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Validation;

/// <summary>Checks an AlignBatch request as a whole. Its specs are checked one by one, as those of Align.</summary>
internal static class BatchRequestValidator
{
    /// <summary>Checks a request.</summary>
    /// <exception cref="InvalidRequestException">It has no spec, or too many.</exception>
    public static void Validate(AlignBatchRequest request, LimitOptions limits)
    {
        var violations = new Violations();
        if (request.Specs.Count == 0)
        {
            violations.Required("specs", "must have at least one spec");
        }

        if (request.Specs.Count > limits.MaxBatchSpecs)
        {
            violations.TooLong("specs", request.Specs.Count, limits.MaxBatchSpecs, "specs");
        }

        violations.ThrowIfAny();
    }
}
