namespace SeaGrpc.Server.Errors;

/// <summary>One error in a request.</summary>
/// <param name="Field">Full path of the field, for example spec.sea.step_size.</param>
/// <param name="Description">What is wrong and what would be valid.</param>
/// <param name="Reason">Machine-readable reason in UPPER_SNAKE_CASE.</param>
/// <param name="Min">Lower bound, if the field is a number or has a length.</param>
/// <param name="Max">Upper bound, if the field is a number or has a length.</param>
/// <param name="Actual">The value or length that was sent.</param>
internal sealed record Violation(
    string Field, string Description, string Reason, string? Min = null, string? Max = null, string? Actual = null);
