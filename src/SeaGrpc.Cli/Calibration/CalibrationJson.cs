using System.Text.Json;

namespace SeaGrpc.Cli.Calibration;

/// <summary>
/// A calibration as one JSON object: <c>method</c> for the command line, <c>spec</c> to send, <c>reasons</c>, and what was measured.
/// Figures that are unknown are null.
/// </summary>
internal static class CalibrationJson
{
    private static readonly JsonSerializerOptions Options =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The object.</summary>
    public static string Of(CalibrationReport report)
    {
        using var spec = JsonDocument.Parse(CalibrationText.Parameters(report));
        return JsonSerializer.Serialize(
            new
            {
                Method = report.Method.ToString(),
                Spec = spec.RootElement,
                Reasons = report.Reasons.Select(reason => new { reason.Parameter, reason.Value, reason.Reason }),
                Scale = new
                {
                    report.Scale.RewardMean,
                    report.Scale.RewardDeviation,
                    report.Scale.LogProbabilityMean,
                    report.Scale.LogProbabilityDeviation,
                    Correlation = Known(report.Scale.Correlation),
                },
                Gradients = report.Gradients.Select(
                    fit => new { fit.Smoothing, Correlation = Known(fit.Correlation), Found = Known(fit.Found) }),
                report.Steps,
                report.Checks,
            },
            Options);
    }

    private static double? Known(double value) => double.IsFinite(value) ? value : null;
}
