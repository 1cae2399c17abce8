namespace SeaGrpc.Server.Errors;

/// <summary>A request with violations.</summary>
internal sealed class InvalidRequestException(IReadOnlyList<Violation> violations, int unlisted = 0)
    : Exception(string.Join("; ", violations.Select(violation => $"{violation.Field}: {violation.Description}")))
{
    /// <summary>The first of them, at least one.</summary>
    public IReadOnlyList<Violation> Violations { get; } = violations;

    /// <summary>How many there are besides.</summary>
    public int Unlisted { get; } = unlisted;
}
