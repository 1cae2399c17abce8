namespace SeaGrpc.Server.Options;

/// <summary>When a pair of models is loaded.</summary>
public enum PairLoad
{
    /// <summary>For the first call that names it. It is unloaded again if another pair needs its memory.</summary>
    OnDemand,

    /// <summary>When the server starts, which fails if it cannot be loaded. It stays loaded.</summary>
    Start,
}
