using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>Programs that leave their client open.</summary>
public sealed class UnclosedClientTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    private const string Java = """
        import io.seagrpc.client.*;
        import io.seagrpc.v1.*;

        public class Unclosed {
          public static void main(String[] args) {
            SeaClient client = SeaClient.connect("ADDRESS");
            AlignmentSpec spec = AlignmentSpec.newBuilder().setPrompt(Prompts.chat("Hello")).setSea(SeaParameters.getDefaultInstance()).build();
            System.out.println(client.alignUntil(spec, EarlyStop.whenRewardPasses(-1000), null));
            System.out.println(client.serverInfoAsync(null).join().getServerVersion());
          }
        }
        """;

    private const string Go = """
        package main

        import (
        	"context"
        	"fmt"

        	seagrpc "github.com/seagrpc/seagrpc/clients/go"
        	seav1 "github.com/seagrpc/seagrpc/clients/go/sea/v1"
        )

        func main() {
        	client, err := seagrpc.New("ADDRESS", seagrpc.Options{})
        	if err != nil {
        		panic(err)
        	}
        	spec := &seav1.AlignmentSpec{Prompt: seagrpc.Chat("Hello"), Method: &seav1.AlignmentSpec_Sea{Sea: &seav1.SeaParameters{}}}
        	answer, err := client.AlignUntil(context.Background(), spec, seagrpc.WhenRewardPasses(-1000))
        	if err != nil {
        		panic(err)
        	}
        	fmt.Println(answer)
        	info, err := client.ServerInfo(context.Background())
        	if err != nil {
        		panic(err)
        	}
        	fmt.Println(info.GetServerVersion())
        }
        """;

    private const string Python = """
        import asyncio
        from seagrpc import AsyncClient, Client

        async def main():
            client = AsyncClient("ADDRESS")
            return await client.is_serving()

        client = Client("ADDRESS")
        print("serving", asyncio.run(main()))
        print(client.server_info().server_version)
        """;

    private const string Node = """
        import { connect } from "@seagrpc/client";

        const client = connect("ADDRESS");
        console.log("serving", await client.isServing());
        console.log((await client.serverInfo()).serverVersion);
        """;

    /// <summary>What an early answer is in one line.</summary>
    private const string Answer = @"iteration \d+, reward -?\d+\.\d\d: .+";

    [Theory]
    [InlineData("java", Java, Answer)]
    [InlineData("go", Go, Answer)]
    [InlineData("python", Python, "serving True")]
    [InlineData("node", Node, "serving true")]
    public async Task They_end_all_the_same(string language, string program, string says)
    {
        using var folder = new TemporaryFolder();
        string output = await Programs.RunAsync(
            language, program.Replace("ADDRESS", server.Address, StringComparison.Ordinal), folder.Path);
        Assert.Matches($@"^{says}\n0\.1\.0\n$", output);
    }
}
