using System.Diagnostics;
using System.Text;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>SeaGrpc.Server.dll as a process on free ports.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly SemaphoreSlim _more = new(0);

    private ServerProcess(ProcessStartInfo start, bool isRead)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        if (isRead)
        {
            Read();
        }

        _process.BeginErrorReadLine();
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>All that it has written.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static ServerProcess Start(TinyFolders folders, params string[] settings) => Start(folders, settings, []);

    /// <param name="folders">The models.</param>
    /// <param name="settings">Section:Name=VALUE, or arguments that begin with --.</param>
    /// <param name="environment">Variables besides this process's own.</param>
    /// <param name="isRead">Whether its standard output is read from the start; else from <see cref="Read"/> on.</param>
    public static ServerProcess Start(TinyFolders folders, string[] settings, Dictionary<string, string> environment, bool isRead = true)
    {
        // A parent like nohup ignores SIGHUP, and its children inherit that.
        var start = new ProcessStartInfo("env")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--default-signal=HUP", "dotnet", Path.Combine(AppContext.BaseDirectory, "SeaGrpc.Server.dll") },
        };
        foreach (string setting in (string[])
            ["Transport:Grpc=http://127.0.0.1:0", "Transport:Http=none", "Models:Device=cpu", "Models:Threads=1",
                $"Models:Policy={folders.Policy}", $"Models:Reward={folders.Reward}", .. settings])
        {
            start.ArgumentList.Add(setting.StartsWith("--", StringComparison.Ordinal) ? setting : $"--SeaGrpc:{setting}");
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(start, isRead);
    }

    /// <summary>Waits until it takes calls.</summary>
    /// <returns>Where.</returns>
    public async Task<string> AddressAsync() => (await LineAsync("Ready. gRPC on ")).Split("gRPC on ")[1].Split(',')[0];

    /// <summary>Most memory that it has held since <see cref="ForgetPeak"/>, in bytes; Linux only.</summary>
    public long Peak() => Memory("VmHWM");

    /// <summary>Memory that it holds, in bytes; Linux only.</summary>
    public long Resident() => Memory("VmRSS");

    /// <summary>The peak counts from now on.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    /// <summary>Reads its standard output from now on.</summary>
    public void Read() => _process.BeginOutputReadLine();

    /// <summary>Waits for a line with this text.</summary>
    public async Task<string> LineAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (Output.Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }

            Assert.False(_process.HasExited, Output);
            await _more.WaitAsync(patience.Token);
        }
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate() => Signal("-TERM");

    /// <summary>Sends SIGHUP.</summary>
    public void HangUp() => Signal("-HUP");

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        _more.Dispose();
    }

    private void Signal(string name)
    {
        using Process kill = Process.Start("kill", [name, _process.Id.ToString()]);
        kill.WaitForExit();
    }

    private long Memory(string name)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").Single(each => each.StartsWith(name + ":", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]);
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.Append(line).Append('\n');
            }

            _more.Release();
        }
    }
}
