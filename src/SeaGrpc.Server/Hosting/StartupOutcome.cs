namespace SeaGrpc.Server.Hosting;

/// <summary>How the start went.</summary>
internal sealed class StartupOutcome
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the server is ready; fails as the start failed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Why the server could not start, or null.</summary>
    public Exception? Failure => _completion.Task.Exception?.InnerException;

    public void Succeed() => _completion.TrySetResult();

    public void Fail(Exception failure) => _completion.TrySetException(failure);
}
