using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>llama.cpp's own server as a process, on a free loopback port. eng/llama-server.sh fetches it.</summary>
internal sealed class LlamaServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private LlamaServer(ProcessStartInfo start, string address)
    {
        Address = address;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Address { get; }

    /// <summary>Starts it and waits until it has loaded the model.</summary>
    /// <param name="gguf">The model.</param>
    /// <param name="slots">Rows that it draws at once.</param>
    /// <param name="context">Longest row.</param>
    public static async Task<LlamaServer> StartAsync(string gguf, int slots, int context)
    {
        string program = Path.Combine(Repository.Root, "tests", "tools", "llama-server", "run");
        Assert.True(File.Exists(program), $"{program} is missing: run eng/llama-server.sh.");
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])
            ["--model", gguf, "--host", "127.0.0.1", "--port", $"{port}", "--parallel", $"{slots}", "--ctx-size", $"{slots * context}",
                "--threads", "1", "--threads-batch", "1", "--threads-http", $"{slots + 2}", "--flash-attn", "off",
                "--cache-type-k", "f32", "--cache-type-v", "f32"])
        {
            start.ArgumentList.Add(argument);
        }

        var server = new LlamaServer(start, $"http://127.0.0.1:{port}");
        try
        {
            await server.ReadyAsync().WaitAsync(Patience);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadyAsync()
    {
        using var http = new HttpClient();
        while (true)
        {
            Assert.False(_process.HasExited, $"llama-server has ended.\n{Output()}");
            try
            {
                if ((await http.GetAsync($"{Address}/health")).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(50);
        }
    }

    // It may be writing.
    private string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

    private void Take(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
