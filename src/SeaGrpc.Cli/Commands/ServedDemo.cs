using System.Net;
using System.Net.Sockets;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Cli.Serve;

namespace SeaGrpc.Cli.Commands;

/// <summary>The embedded models, served until Ctrl-C.</summary>
internal static class ServedDemo
{
    private const int GrpcPort = 50051;
    private const int HttpPort = 8080;
    private const int OpenAiPort = 8081;

    /// <summary>Serves them.</summary>
    /// <param name="upstream">A backend with OpenAI's API whose answers are picked from; null for none.</param>
    /// <param name="verbose">Whether the server logs to standard error.</param>
    /// <exception cref="CliException">It cannot start; the message says why.</exception>
    public static async Task RunAsync(string? upstream, bool verbose)
    {
        using var interrupts = new Interrupts(() => { });
        var settings = new Dictionary<string, string?>
        {
            ["SeaGrpc:Transport:Grpc"] = Address(GrpcPort),
            ["SeaGrpc:Transport:Http"] = Address(HttpPort),
            ["SeaGrpc:Transport:Console"] = "true",
            ["SeaGrpc:OpenAi:Address"] = Address(OpenAiPort),
        };
        if (upstream is not null)
        {
            settings["SeaGrpc:OpenAi:Upstream:Endpoint"] = upstream;
        }

        await using var sidecar = await EmbeddedSidecar.StartAsync(verbose, settings);
        await using TextWriter output = StandardOutput.Open();
        string line = TryLines.Chat(
            sidecar.OpenAiAddress!, upstream is null ? sidecar.Start.Policy : null, "My kettle is leaking, what can you do?",
            needsToken: false);
        await output.WriteLineAsync($"""
            {sidecar.Description}

            Try it:
              {line}

            Ctrl-C ends it.
            """.ReplaceLineEndings("\n"));
        interrupts.WorkStarts();
        await Task.Delay(Timeout.Infinite, interrupts.Requested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The usual port, or any free one where that is taken.</summary>
    private static string Address(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return $"http://127.0.0.1:{port}";
        }
        catch (SocketException)
        {
            return "http://127.0.0.1:0";
        }
    }
}
