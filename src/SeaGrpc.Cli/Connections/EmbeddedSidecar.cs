namespace SeaGrpc.Cli.Connections;

/// <summary>A sidecar inside this process, on a free loopback port, with the embedded models.</summary>
internal sealed class EmbeddedSidecar : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    public required ServerAddress Address { get; init; }

    /// <summary>Loads the models and starts to listen.</summary>
    public static Task<EmbeddedSidecar> StartAsync(bool verbose) => throw new CliException("Name a running server with --server.", ExitCodes.Failure);

    public ValueTask DisposeAsync() => default;
}
