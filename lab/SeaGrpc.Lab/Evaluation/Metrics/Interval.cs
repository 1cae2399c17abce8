namespace SeaGrpc.Lab.Evaluation.Metrics;

/// <summary>An estimate and its 95 % confidence interval.</summary>
/// <param name="Mean">The estimate.</param>
/// <param name="Low">2.5 % quantile of the resampled estimates.</param>
/// <param name="High">97.5 % quantile.</param>
public sealed record Interval(double Mean, double Low, double High);
