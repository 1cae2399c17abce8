namespace SeaGrpc.Server.Errors;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Field">Full path of the field, spec.sea.step_size say.</param>
/// <param name="Description">What is wrong, and what would be right.</param>
/// <param name="Reason">UPPER_SNAKE_CASE, for programs.</param>
/// <param name="Min">The lower bound, where the field is a number or a length.</param>
/// <param name="Max">The upper bound, likewise.</param>
/// <param name="Actual">What was sent, likewise.</param>
internal sealed record Violation(
    string Field, string Description, string Reason, string? Min = null, string? Max = null, string? Actual = null);
