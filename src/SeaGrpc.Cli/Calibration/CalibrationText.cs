using System.Globalization;
using System.Text;
using Google.Protobuf;
using SeaGrpc.Server.Mapping;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Calibration;

/// <summary>A calibration as tables and reasons for people, and as parameters to paste into a spec.</summary>
internal static class CalibrationText
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    /// <summary>The suggested parameters as a piece of an AlignmentSpec, with the contract's field names.</summary>
    public static string Parameters(CalibrationReport report)
    {
        var spec = new AlignmentSpec();
        MethodMapper.Write(report.Method, spec);
        return Formatter.Format(spec);
    }

    /// <summary>Everything, as Markdown.</summary>
    public static string Of(CalibrationReport report)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"Samples of the policy: reward {F(report.Scale.RewardMean)} on average, standard deviation {F(report.Scale.RewardDeviation)} "
                + $"among those of one prompt; ")
            .Append(
                CultureInfo.InvariantCulture,
                $"log-probability {F(report.Scale.LogProbabilityMean)} nats, standard deviation {F(report.Scale.LogProbabilityDeviation)}; "
                    + $"rank correlation of the two {F(report.Scale.Correlation)}.\n\n");
        Table(
            text,
            ["smoothing", "rank correlation with exact substitutions", "improving substitutions found in the best predicted eighth %"],
            report.Gradients.Select(fit => new[] { F(fit.Smoothing), F(fit.Correlation), F(100 * fit.Found) }));
        Table(
            text,
            ["step size", "tokens changed per iteration", "energy fell by, nats"],
            report.Steps.Select(step => new[] { F(step.StepSize), F(step.ChangesPerIteration), F(step.EnergyFall) }));
        Table(
            text,
            ["reward weight", "reward of drafts", "of answers", "log-probability of drafts", "of answers"],
            report.Checks.Select(check => new[]
            {
                F(check.RewardWeight), F(check.DraftReward), F(check.Reward), F(check.DraftLogProbability), F(check.LogProbability),
            }));
        foreach ((string parameter, double value, string reason) in report.Reasons)
        {
            text.Append(CultureInfo.InvariantCulture, $"{parameter} {F(value)}: {reason}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n--method \"{report.Method}\"\n{Parameters(report)}\n").ToString();
    }

    private static void Table(StringBuilder text, string[] head, IEnumerable<string[]> rows)
    {
        text.Append(
            CultureInfo.InvariantCulture, $"| {string.Join(" | ", head)} |\n|{string.Concat(Enumerable.Repeat("---|", head.Length))}\n");
        foreach (string[] row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
        }

        text.Append('\n');
    }

    private static string F(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
