using System.Text.Json;
using SeaGrpc.Testing.Programs;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Runs;

/// <summary>A run on the embedded models that is killed in the middle, by a signal that no process can catch.</summary>
[Trait("tier", "slow")]
public sealed class KilledRunTests : IDisposable
{
    private const int Rows = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("seagrpc-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_killed_run_goes_on_where_it_was_and_ends_as_one_that_was_not()
    {
        string data = Path.Combine(_folder, "requests.csv");
        File.WriteAllText(
            data, "goal,target\n" + string.Concat(Enumerable.Range(1, Rows).Select(row => $"\"Take kettle {row}, please\",Sure\n")));
        string killed = Path.Combine(_folder, "killed.jsonl");
        string whole = Path.Combine(_folder, "whole.jsonl");

        using (ProgramProcess cli = BuiltProgram.Lab.Start(Arguments(data, killed)))
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            while (!File.Exists(killed) || File.ReadLines(killed).Count() < 5)
            {
                await Task.Delay(5, patience.Token);
            }

            cli.Signal("KILL");
            await cli.EndAsync();
        }

        Dictionary<string, string> kept = Results(killed);
        ProgramResult resumed = await BuiltProgram.Lab.RunAsync(Arguments(data, killed));
        ProgramResult uninterrupted = await BuiltProgram.Lab.RunAsync(Arguments(data, whole));

        Assert.InRange(kept.Count, 3, (2 * Rows) - 1);
        Assert.Equal((0, 0), (resumed.ExitCode, uninterrupted.ExitCode));
        Assert.Equal(2 * Rows, File.ReadLines(killed).Count(line => line.StartsWith("{\"result\"", StringComparison.Ordinal)));
        Assert.Equal(Results(whole), Results(killed));
        Assert.All(kept, row => Assert.Equal(row.Value, Results(killed)[row.Key]));
    }

    private static string[] Arguments(string data, string results) =>
    [
        "eval", "--suite", "advbench", "--data", data, "--out", results,
        "--methods", "base", "best-of-16", "--max-tokens", "40", "--concurrency", "2",
    ];

    /// <summary>Each row's answer by method and row.</summary>
    private static Dictionary<string, string> Results(string path)
    {
        string text = File.ReadAllText(path);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(entry => entry.TryGetProperty("result", out _))
            .Select(entry => entry.GetProperty("result"))
            .ToDictionary(row => $"{row.GetProperty("method")} {row.GetProperty("row")}", row => row.GetProperty("answer").GetString()!);
    }
}
