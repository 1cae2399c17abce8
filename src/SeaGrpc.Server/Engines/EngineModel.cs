namespace SeaGrpc.Server.Engines;

/// <summary>The model that an engine serves.</summary>
/// <param name="Name">Its name in requests.</param>
/// <param name="Identity">What tells it from another one, for people: its name and where it was loaded from.</param>
/// <param name="MaxPositions">Its longest row, in tokens; null if the engine does not say.</param>
internal sealed record EngineModel(string Name, string Identity, int? MaxPositions);
