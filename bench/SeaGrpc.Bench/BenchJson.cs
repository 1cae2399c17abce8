using System.Text.Json;
using SeaGrpc.Lab.Evaluation;

namespace SeaGrpc.Bench;

/// <summary>What every benchmark prints beside its figures.</summary>
internal static class BenchJson
{
    /// <summary>snake_case, indented.</summary>
    public static JsonSerializerOptions Options { get; } =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>One JSON object: date, machine, settings, figures.</summary>
    public static string Of(object settings, object figures) =>
        JsonSerializer.Serialize(
            new
            {
                Date = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                Machine = RunningMachine.Here(),
                Load = MachineLoad.Now,
                Settings = settings,
                Figures = figures,
            },
            Options
        );

    /// <summary>The machine in one line.</summary>
    public static string MachineLine() =>
        $"machine  {RunningMachine.Here().Processor}, {RunningMachine.Here().Cores} cores, load average "
            + $"{TextTable.Cell(MachineLoad.Now, "0.0")}";
}
