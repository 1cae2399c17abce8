using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace SeaGrpc.Testing.Programs;

/// <summary>One of the built programs on a terminal of its own, 100 columns wide: a pseudo-terminal of util-linux' script.</summary>
public sealed partial class TerminalProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly StringBuilder _shown = new();

    private TerminalProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Everything that the program has sent to the terminal, its codes included.</summary>
    public string Shown
    {
        get
        {
            lock (_shown)
            {
                return _shown.ToString();
            }
        }
    }

    /// <summary>The same without the codes.</summary>
    public string Text => Codes().Replace(Shown, "");

    /// <summary>Starts it. Of this process' environment it has what .NET needs.</summary>
    /// <param name="program">Path of the program's assembly.</param>
    /// <param name="environment">Other variables.</param>
    /// <param name="arguments">The command line.</param>
    public static TerminalProcess Start(
        string program, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments)
    {
        string line = string.Join(' ', new[] { "dotnet", program }.Concat(arguments).Select(Quoted));
        var start = new ProcessStartInfo("script", ["-qefc", $"stty cols 100 rows 40; exec {line}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        // What says that a program runs on a build server makes bars lines.
        foreach (string name in start.Environment.Keys.Where(name => !IsNeeded(name)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["TERM"] = "xterm";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["SHELL"] = "/bin/sh";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new TerminalProcess(Process.Start(start)!);
    }

    /// <summary>Waits until a pattern matches what is shown, without the codes.</summary>
    public async Task UntilAsync([StringSyntax(StringSyntaxAttribute.Regex)] string pattern)
    {
        long begun = Environment.TickCount64;
        while (!Regex.IsMatch(Text, pattern))
        {
            if (_reading.IsCompleted || Environment.TickCount64 - begun > Patience.TotalMilliseconds)
            {
                throw new InvalidOperationException($"{pattern} was not shown: {Text}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Types keys. The character 3 is Ctrl-C.</summary>
    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _reading.WaitAsync(Patience);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static bool IsNeeded(string variable) => variable is "PATH" or "HOME" or "USER" or "TMPDIR" or "LD_LIBRARY_PATH"
        || variable.StartsWith("DOTNET_", StringComparison.Ordinal)
        || variable.StartsWith("SEAGRPC_", StringComparison.Ordinal);

    private static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|[=>])")]
    private static partial Regex Codes();

    private async Task ReadAsync()
    {
        char[] piece = new char[4096];
        int count;
        while ((count = await _process.StandardOutput.ReadAsync(piece)) > 0)
        {
            lock (_shown)
            {
                _shown.Append(piece, 0, count);
            }
        }
    }
}
