using SeaGrpc.Clients.Tests.Support;
using SeaGrpc.Server;

namespace SeaGrpc.Clients.Tests;

/// <summary>Every client's example program.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Languages =>
        [.. ClientPrograms.All.Where(client => client.Example is not null).Select(client => client.Language)];

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task It_shows_a_stream_and_the_answer(string language)
    {
        await using Sidecar server = await Sidecar.StartAsync(new Dictionary<string, string?> { ["SeaGrpc:Models:Threads"] = "1" });
        (int code, string output, string errors) = await ClientPrograms.All.Single(client => client.Language == language)
            .ExampleAsync(server.Address);
        Assert.True(code == 0, errors);
        Assert.Matches(@"^draft  -0\.\d+  .+\nanswer 2\.\d+  .+\n$", output);
        Assert.Matches(@"\[#+\.*\] \d+/30 reward 2\.\d\d", errors);
    }
}
