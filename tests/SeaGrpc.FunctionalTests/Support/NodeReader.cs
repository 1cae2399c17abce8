using System.Diagnostics;
using Google.Protobuf;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>
/// A caller of StreamAlign in a process of its own, that can be stopped or killed. It says "data" when the first bytes come.
/// </summary>
internal sealed class NodeReader : IDisposable
{
    private const string Script = """
        const http2 = require('node:http2');
        const session = http2.connect(process.argv[1]);
        const call = session.request({
            ':method': 'POST', ':path': '/sea.v1.AlignmentService/StreamAlign', 'content-type': 'application/grpc', te: 'trailers',
        });
        call.on('data', () => console.log('data'));
        call.on('close', () => process.exit(0));
        call.on('error', () => process.exit(0));
        session.on('error', () => process.exit(0));
        call.end(Buffer.from(process.argv[2], 'base64'));
        """;

    private readonly Process _process;

    private NodeReader(Process process) => _process = process;

    /// <summary>Starts one and waits until it has read something.</summary>
    public static async Task<NodeReader> StartAsync(string address, AlignmentSpec spec)
    {
        byte[] message = new StreamAlignRequest { Spec = spec }.ToByteArray();
        byte[] frame = RawCalls.Framed(message);
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "-e", Script, address, Convert.ToBase64String(frame) },
        };
        var reader = new NodeReader(Process.Start(start)!);
        Assert.Equal("data", await reader._process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)));
        return reader;
    }

    /// <summary>Sends a signal: STOP, KILL.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", _process.Id.ToString()]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
