namespace SeaGrpc.Serving.Errors;

/// <summary>The engine admits no requests, or ends those it has: it is loading, draining or stopped, or it has failed.</summary>
public sealed class EngineUnavailableException : Exception
{
    /// <summary>Creates the exception from the engine's state.</summary>
    public EngineUnavailableException(EngineState state, Exception? cause = null)
        : base(Describe(state), cause) => State = state;

    /// <summary>The engine's state.</summary>
    public EngineState State { get; }

    /// <summary>When to retry: after one second. Another replica may answer sooner.</summary>
    public TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);

    private static string Describe(EngineState state) => state switch
    {
        EngineState.Loading => "The models are still being loaded.",
        EngineState.Failed => "The models could not be loaded or the device was lost; the server must be restarted.",
        _ => "The server is shutting down.",
    };
}
