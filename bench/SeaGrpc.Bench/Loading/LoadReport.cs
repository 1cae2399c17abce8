using System.Globalization;
using System.Text;
using System.Text.Json;
using SeaGrpc.Lab.Evaluation;

namespace SeaGrpc.Bench.Loading;

/// <summary>The figures of <c>load</c> with the machine that they were measured on.</summary>
internal static class LoadReport
{
    private static readonly JsonSerializerOptions Options =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>One JSON object.</summary>
    public static string Json(LoadFigures figures) =>
        JsonSerializer.Serialize(new { Machine = RunningMachine.Here(), Figures = figures }, Options);

    /// <summary>For people.</summary>
    public static string Text(LoadFigures figures)
    {
        RunningMachine machine = RunningMachine.Here();
        var text = new StringBuilder();
        Line(text, "machine", $"{machine.Processor}, {machine.Cores} cores; {figures.Threads} threads, {figures.Dtype}");
        (string onDisk, string loaded) = (Gibibytes(figures.FileBytes), Gibibytes(figures.WeightBytes));
        Line(text, "policy", $"{figures.Parameters / 1e6:0.0} million weights, {onDisk} on disk, {loaded} loaded");
        Line(text, "cat", $"{figures.ReadFirstSeconds:0.00} s first, {figures.ReadAgainSeconds:0.00} s after the loading");
        Line(text, "load", $"{figures.LoadSeconds:0.00} s, SHA-256 of the files included");
        Line(
            text, "load peak",
            $"{Gibibytes(figures.LoadPeakBytes)}, {figures.LoadPeakBytes / (double)figures.WeightBytes:0.00} times the weights");
        Line(text, "first token", $"{figures.FirstTokenSeconds:0.00} s after a prompt of {figures.PromptTokens} tokens");
        Line(
            text,
            "SEA iteration",
            $"{figures.IterationSeconds:0.00} s, {figures.Chains} chains of {figures.ResponseTokens} tokens, a reward model as large");
        Line(text, "peak", $"{Gibibytes(figures.PeakBytes)} with both models; inspect estimates {Gibibytes(figures.EstimatedBytes)}");
        return text.ToString().TrimEnd();
    }

    private static void Line(StringBuilder text, string name, FormattableString value) =>
        text.Append(CultureInfo.InvariantCulture, $"{name,-14} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00} GiB");
}
