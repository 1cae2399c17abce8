namespace SeaGrpc.FunctionalTests.Support;

/// <summary>One server for the tests that leave no trace on it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    public RunningServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync(null, "Limits:MaxPromptCharacters=400");

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class SharedServerTests : ICollectionFixture<SharedServer>
{
    public const string Name = "one server";
}
