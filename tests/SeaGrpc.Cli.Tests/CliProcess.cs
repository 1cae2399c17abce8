using System.Diagnostics;
using System.Globalization;

namespace SeaGrpc.Cli.Tests;

/// <summary>The built command line as a process of its own, its output redirected.</summary>
public sealed class CliProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process process;
    private readonly Task<string> error;
    private bool outputClosed;

    private CliProcess(Process process)
    {
        this.process = process;
        error = process.StandardError.ReadToEndAsync();
    }

    public static CliProcess Start(params string[] arguments) => Start(AppContext.BaseDirectory, _ => { }, arguments);

    private static CliProcess Start(string programFolder, Action<ProcessStartInfo> prepare, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(programFolder, "seagrpc.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        prepare(start);
        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<CliResult> RunAsync(params string[] arguments)
    {
        using var cli = Start(arguments);
        return await cli.EndAsync();
    }

    /// <summary>Runs a copy of it that lies elsewhere to its end, with one environment variable set.</summary>
    public static async Task<CliResult> RunCopyAsync(string programFolder, string variable, string? value, params string[] arguments)
    {
        using var cli = Start(programFolder, start => start.Environment[variable] = value, arguments);
        return await cli.EndAsync();
    }

    /// <summary>The next line of standard output.</summary>
    public async Task<string?> ReadLineAsync() => await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    /// <summary>Writes standard input, and closes it.</summary>
    public async Task WriteInputAsync(byte[] input)
    {
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
    }

    /// <summary>Closes the reader of standard output.</summary>
    public void CloseOutput()
    {
        outputClosed = true;
        process.StandardOutput.Close();
    }

    /// <summary>Sends a signal by its name without SIG.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<CliResult> EndAsync()
    {
        var output = outputClosed ? "" : await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        return new CliResult(process.ExitCode, output, await error);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
