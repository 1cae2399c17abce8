using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Server.Engines;

/// <summary>What an engine's reply says of a given row.</summary>
/// <param name="Figures">The figures.</param>
/// <param name="Usage">The tokens that it has counted.</param>
internal sealed record EngineReading(ReadTokens Figures, PolicyTokens Usage);
