using System.Diagnostics;

namespace SeaGrpc.Serving;

/// <summary>The name under which listeners find what a server measures and traces.</summary>
public static class SeaTelemetry
{
    /// <summary>Name of the meter and of the source of spans.</summary>
    public const string Name = "SeaGrpc";

    /// <summary>The source of all spans. Without a listener it makes none, at no cost.</summary>
    public static ActivitySource Spans { get; } = new(Name);
}
