namespace SeaGrpc.Server.Hosting;

/// <summary>Leaves Ctrl-C and SIGTERM to the code that runs the host.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
