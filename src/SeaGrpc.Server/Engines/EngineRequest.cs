using System.Text.Json.Nodes;

namespace SeaGrpc.Server.Engines;

/// <summary>A request to an engine.</summary>
/// <param name="Path">The path under its address.</param>
/// <param name="Body">The body.</param>
internal sealed record EngineRequest(string Path, JsonObject Body);
