namespace SeaGrpc.Serving.Jobs;

/// <summary>Which iterations a job reports. Queued, started, draft and finished are always reported.</summary>
/// <param name="EveryNIterations">Only iterations whose index is a multiple of this; at least 1.</param>
/// <param name="MinInterval">Minimum time between two reported iterations; 0 for none.</param>
/// <param name="Progress">Whether a search's progress within an iteration is reported.</param>
public sealed record JobUpdateOptions(int EveryNIterations, TimeSpan MinInterval, bool Progress = false)
{
    /// <summary>Every iteration.</summary>
    public static JobUpdateOptions All { get; } = new(1, TimeSpan.Zero);
}
