using System.Diagnostics;
using System.Globalization;

namespace SeaGrpc.Testing.Programs;

/// <summary>One of the built programs as a process of its own, its output redirected.</summary>
public sealed class ProgramProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _error;
    private bool _outputClosed;

    private ProgramProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it.</summary>
    /// <param name="program">Path of the program's assembly.</param>
    /// <param name="prepare">Changes the start information, for example environment variables.</param>
    /// <param name="arguments">The command line.</param>
    public static ProgramProcess Start(string program, Action<ProcessStartInfo> prepare, params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(prepare);
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        prepare(start);
        return new ProgramProcess(Process.Start(start)!);
    }

    /// <summary>The next line of standard output.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    /// <summary>Writes standard input, and closes it.</summary>
    public async Task WriteInputAsync(byte[] input)
    {
        await _process.StandardInput.BaseStream.WriteAsync(input);
        _process.StandardInput.Close();
    }

    /// <summary>Closes the reader of standard output.</summary>
    public void CloseOutput()
    {
        _outputClosed = true;
        _process.StandardOutput.Close();
    }

    /// <summary>Sends a signal by its name without SIG.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<ProgramResult> EndAsync()
    {
        var output = _outputClosed ? "" : await _process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return new ProgramResult(_process.ExitCode, output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
