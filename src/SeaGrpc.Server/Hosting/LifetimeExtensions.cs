namespace SeaGrpc.Server.Hosting;

/// <summary>Waits for moments in the host's life.</summary>
internal static class LifetimeExtensions
{
    /// <summary>Completes when the host listens.</summary>
    public static async Task WaitForStartAsync(this IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
