using Grpc.Core;
using Grpc.Net.Client;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>One line for every call, as docs/debugging.md describes it.</summary>
public sealed class RequestLogTests
{
    [Fact]
    public async Task Every_call_is_one_line_that_tells_its_outcome_and_no_text()
    {
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders);
        string address = (await process.LineAsync("Ready. gRPC on ")).Split("gRPC on ")[1].Split(',')[0];
        using GrpcChannel channel = GrpcChannel.ForAddress(address);
        var client = new AlignmentService.AlignmentServiceClient(channel);
        AlignmentSpec spec = Specs.Sea(iterations: 3);
        spec.RequestId = "order-4711";
        AlignResponse response = await client.AlignAsync(new AlignRequest { Spec = spec });
        await Assert.ThrowsAsync<RpcException>(
            async () => await client.AlignAsync(new AlignRequest { Spec = new AlignmentSpec { Base = new BaseParameters() } }));

        string line = await process.LineAsync("/sea.v1.AlignmentService/Align OK");
        Assert.Matches(
            $@"Call /sea\.v1\.AlignmentService/Align OK - [\d.]+ ms, 1 messages to \S+; method Sea, alignment {response.Started.AlignmentId}, request order-4711, queued [\d.]+ ms, 3 iterations, Iterations, caller -",
            line);
        Assert.Matches(
            @"Align InvalidArgument REQUIRED [\d.]+ ms, 0 messages to \S+; method Base, alignment -, request -, queued 0\.0 ms, 0 iterations, -",
            await process.LineAsync("InvalidArgument"));
        process.Terminate();
        await process.ExitAsync();
        Assert.DoesNotContain(spec.Prompt.Text, process.Output);
    }

    [Theory]
    [InlineData("simple")]
    [InlineData("json")]
    public async Task What_callers_send_is_escaped_and_cut(string formatter)
    {
        const string attack = "id\u001b[31m\nfail: forged\r\u0085\u2028\u202e";
        using var folders = new TinyFolders();
        using ServerProcess process = ServerProcess.Start(folders, $"--Logging:Console:FormatterName={formatter}");
        using GrpcChannel channel = GrpcChannel.ForAddress(await process.AddressAsync());
        var client = new AlignmentService.AlignmentServiceClient(channel);
        foreach (string id in (string[])[attack, new string('y', 4000)])
        {
            AlignmentSpec spec = Specs.Sea();
            (spec.RequestId, spec.PolicyModel) = (id, id);
            var headers =
                new Metadata { { "sea-priority", "\u001b[31mno" }, { "traceparent", "\u001b[31m-forged" }, { "user-agent", "\u001b[31m" } };
            await Assert.ThrowsAsync<RpcException>(async () => await client.AlignAsync(new AlignRequest { Spec = spec }, headers));
            await client.CancelAlignmentAsync(new CancelAlignmentRequest { RequestId = id });
        }

        await client.CancelAlignmentAsync(new CancelAlignmentRequest { RequestId = "last" });
        await process.LineAsync("request last");
        process.Terminate();
        await process.ExitAsync();
        Assert.DoesNotContain(process.Output, letter => letter != '\n' && (char.IsControl(letter) || letter is '\u2028' or '\u202e'));
        Assert.DoesNotContain(process.Output.Split('\n'), line => line.TrimStart().StartsWith("fail: forged", StringComparison.Ordinal));
        Assert.DoesNotContain(new string('y', 201), process.Output);
        Assert.Contains("(4000 characters)", process.Output);
    }
}
