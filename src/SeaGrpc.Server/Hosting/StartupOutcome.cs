namespace SeaGrpc.Server.Hosting;

/// <summary>The result of the start.</summary>
internal sealed class StartupOutcome
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the server is ready. Fails with the exception that the start failed with.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Why the server could not start, or null.</summary>
    public Exception? Failure => _completion.Task.Exception?.InnerException;

    public void Succeed() => _completion.TrySetResult();

    public void Fail(Exception failure) => _completion.TrySetException(failure);
}
