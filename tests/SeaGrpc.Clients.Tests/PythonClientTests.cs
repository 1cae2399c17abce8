using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Testing;

namespace SeaGrpc.Clients.Tests;

/// <summary>What only the Python client does.</summary>
public sealed class PythonClientTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    private const string Authority = """
        import asyncio
        import grpc
        import grpc.aio
        from seagrpc import AsyncClient, Client

        def told(module):
            opened = module.insecure_channel
            def record(target, options=None, *more):
                print(target, dict(options).get("grpc.default_authority"))
                return opened(target, options, *more)
            module.insecure_channel = record

        async def main():
            for address in ("unix:/run/sea.sock", "localhost:50051"):
                await AsyncClient(address).close()

        told(grpc)
        told(grpc.aio)
        for address in ("unix:/run/sea.sock", "localhost:50051"):
            Client(address).close()
        asyncio.run(main())
        """;

    private const string Scores = """
        from seagrpc import Client, chat, v1

        client = Client("ADDRESS")
        pair = v1.ScorePair(prompt=chat("Hello"), response=v1.ResponseContent(text="Hello."))
        alone = client.score([pair])
        whole = client.score(v1.ScoreRequest(pairs=[pair], reward_weight=2.5))
        print(len(client.score(pair for _ in range(3)).results), alone.reward_weight, whole.reward_weight)
        print(alone.results[0].reward == whole.results[0].reward)
        for wrong in ("Hello", pair, [("Hello", "Hello.")], None):
            try:
                client.score(wrong)
            except TypeError as error:
                print(str(error).split(", not ")[0])
        """;

    /// <summary>Checked by its types too, where the package is installed.</summary>
    internal const string Typed = """
        import asyncio
        from contextlib import aclosing, closing
        from seagrpc import AsyncClient, Client, chat, v1

        async def read(client: AsyncClient, spec: v1.AlignmentSpec) -> bool:
            async with aclosing(client.stream(spec, metadata=[("sea-priority", "low"), ("trace-bin", b"1")])) as events:
                async for event in events:
                    return bool(event.HasField("started"))
            return await client.is_serving()

        def first(client: Client, spec: v1.AlignmentSpec) -> bool:
            with closing(client.stream(spec, metadata={"sea-priority": "low"})) as events:
                return bool(next(events).HasField("started"))

        async def main(spec: v1.AlignmentSpec) -> bool:
            async with AsyncClient("ADDRESS") as client:
                return await read(client, spec)

        greeting = v1.AlignmentSpec(prompt=chat("Hello"), sea=v1.SeaParameters())
        print(first(Client("ADDRESS"), greeting), asyncio.run(main(greeting)))
        """;

    [Fact]
    public async Task It_names_the_authority_of_a_Unix_socket()
    {
        using var folder = new TemporaryFolder();
        string each = "unix:/run/sea.sock localhost\nlocalhost:50051 None\n";
        Assert.Equal(each + each, await Programs.RunAsync("python", Authority, folder.Path));
    }

    [Fact]
    public async Task It_scores_pairs_alone_and_requests_and_says_what_it_takes()
    {
        using var folder = new TemporaryFolder();
        string refusal = "score takes a list of v1.ScorePair, or a v1.ScoreRequest\n";
        Assert.Equal(
            "3 8.0 2.5\nTrue\n" + string.Concat(Enumerable.Repeat(refusal, 4)),
            await Programs.RunAsync("python", Scores.Replace("ADDRESS", server.Address, StringComparison.Ordinal), folder.Path));
    }

    [Fact]
    public async Task Its_streams_are_closed_by_the_standard_library()
    {
        using var folder = new TemporaryFolder();
        string program = Typed.Replace("ADDRESS", server.Address, StringComparison.Ordinal);
        Assert.Equal("True True\n", await Programs.RunAsync("python", program, folder.Path));
    }
}
