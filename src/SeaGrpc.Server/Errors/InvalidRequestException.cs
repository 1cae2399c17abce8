namespace SeaGrpc.Server.Errors;

/// <summary>A request has violations.</summary>
internal sealed class InvalidRequestException(IReadOnlyList<Violation> violations, int unlisted = 0)
    : Exception(string.Join("; ", violations.Select(violation => $"{violation.Field}: {violation.Description}")))
{
    /// <summary>The first violations; at least one.</summary>
    public IReadOnlyList<Violation> Violations { get; } = violations;

    /// <summary>Number of further violations that are not listed.</summary>
    public int Unlisted { get; } = unlisted;
}
