namespace SeaGrpc.Serving;

/// <summary>What an engine is doing. Only <see cref="Ready"/> admits requests.</summary>
public enum EngineState
{
    /// <summary>The models are being loaded.</summary>
    Loading,

    /// <summary>Requests are admitted.</summary>
    Ready,

    /// <summary>Shutting down: nothing new is admitted, and running jobs end with their best response.</summary>
    Draining,

    /// <summary>The model thread has been told to end.</summary>
    Stopped,

    /// <summary>The models could not be loaded, or the device was lost. Only a restart helps.</summary>
    Failed,
}
