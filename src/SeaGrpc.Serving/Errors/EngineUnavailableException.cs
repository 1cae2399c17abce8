namespace SeaGrpc.Serving.Errors;

/// <summary>The engine admits nothing, or ends what it has: it is loading, draining, stopped or has failed.</summary>
public sealed class EngineUnavailableException : Exception
{
    /// <summary>With the state that the engine is in.</summary>
    public EngineUnavailableException(EngineState state, Exception? cause = null)
        : base(Describe(state), cause) => State = state;

    /// <summary>The engine's state.</summary>
    public EngineState State { get; }

    /// <summary>When to try again: one second; another replica may answer sooner.</summary>
    public TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(1);

    private static string Describe(EngineState state) => state switch
    {
        EngineState.Loading => "The models are still being loaded.",
        EngineState.Failed => "The models could not be loaded or the device was lost; the server must be restarted.",
        _ => "The server is shutting down.",
    };
}
