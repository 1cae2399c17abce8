using SeaGrpc.FunctionalTests.Support;

namespace SeaGrpc.FunctionalTests.OpenAi;

/// <summary>A server with the embedded models and the OpenAI-compatible API, for the tests that leave no trace on it.</summary>
public sealed class OpenAiServer : IAsyncLifetime
{
    /// <summary>A prompt of the embedded world.</summary>
    public const string Question = "My kettle is leaking, what can you do?";

    private static readonly string Models = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>The settings of its models.</summary>
    public static string[] Embedded { get; } =
    [
        "OpenAi:Address=http://127.0.0.1:0", $"Models:Policy={Path.Combine(Models, "tiny-policy")}",
        $"Models:Reward={Path.Combine(Models, "tiny-reward")}",
    ];

    public RunningServer Server { get; private set; } = null!;

    internal OpenAiCalls Calls { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(null, Embedded);
        Calls = new OpenAiCalls(Server.OpenAiAddress);
    }

    public async ValueTask DisposeAsync()
    {
        Calls.Dispose();
        await Server.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class OpenAiServerTests : ICollectionFixture<OpenAiServer>
{
    public const string Name = "one OpenAI-compatible server";
}
