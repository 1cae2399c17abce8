namespace SeaGrpc.Serving.Jobs;

/// <summary>Which iterations a job tells of. Queued, started, draft and finished are always told.</summary>
/// <param name="EveryNIterations">Only iterations whose index is a multiple of this; at least 1.</param>
/// <param name="MinInterval">Shortest time between two of them that are told; 0 for none.</param>
/// <param name="Progress">Whether a search's progress within an iteration is told.</param>
public sealed record JobUpdateOptions(int EveryNIterations, TimeSpan MinInterval, bool Progress = false)
{
    /// <summary>Every iteration.</summary>
    public static JobUpdateOptions All { get; } = new(1, TimeSpan.Zero);
}
