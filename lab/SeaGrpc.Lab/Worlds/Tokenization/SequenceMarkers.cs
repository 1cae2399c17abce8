namespace SeaGrpc.Lab.Worlds.Tokenization;

/// <summary>Which control tokens mark a sequence.</summary>
/// <param name="Begin">The token that begins a sequence.</param>
/// <param name="End">The token that ends a response.</param>
/// <param name="Padding">The token that fills short rows of a batch.</param>
public sealed record SequenceMarkers(string Begin, string End, string Padding);
