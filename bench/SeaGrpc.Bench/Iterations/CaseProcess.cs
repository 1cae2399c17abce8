using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SeaGrpc.Cli;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Iterations;

/// <summary>Runs <see cref="CaseCommand"/> in a process of its own.</summary>
/// <param name="device">Where the models go.</param>
/// <param name="threads">Threads of a tensor operation; 0 is one per core.</param>
/// <param name="clock">What time is taken.</param>
/// <param name="repeats">Least number of iterations of each side.</param>
internal sealed class CaseProcess(string device, int threads, BenchClock clock, int repeats)
{
    /// <summary>The times of both sides.</summary>
    public CaseTimes Times(string folder, IterationCase measured) => Run<CaseTimes>(folder, measured, "times");

    /// <summary>The memory of one.</summary>
    public CaseMemory Memory(string folder, IterationCase measured, string side) => Run<CaseMemory>(folder, measured, side);

    private T Run<T>(string folder, IterationCase measured, string side)
    {
        string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo start = OwnProgram.With(
            CaseCommand.Name, "--folder", folder, "--side", side, "--prompt", Text(measured.PromptTokens),
            "--positions", Text(measured.Positions), "--repeats", Text(repeats), "--dtype", measured.Dtype.ToString(), "--method",
            measured.Method,
            "--device", device, "--threads", Text(threads), "--clock", clock.ToString());
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(output, BenchJson.Options)!
            : throw new CliException($"The process that measures {measured} ended with exit code {process.ExitCode}.", ExitCodes.Failure);
    }
}
