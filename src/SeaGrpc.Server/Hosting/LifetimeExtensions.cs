namespace SeaGrpc.Server.Hosting;

/// <summary>Waits for events of the host's lifetime.</summary>
internal static class LifetimeExtensions
{
    /// <summary>Completes when the host is listening.</summary>
    public static async Task WaitForStartAsync(this IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
