namespace SeaGrpc.Server.Validation;

/// <summary>A request with violations, all of them.</summary>
internal sealed class InvalidRequestException(IReadOnlyList<Violation> violations)
    : Exception(string.Join("; ", violations.Select(violation => $"{violation.Field}: {violation.Description}")))
{
    /// <summary>At least one.</summary>
    public IReadOnlyList<Violation> Violations { get; } = violations;
}
