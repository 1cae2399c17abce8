namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>A part of a text on its way to the model.</summary>
/// <param name="Text">The part, never empty.</param>
/// <param name="IsFirst">Whether the whole text begins with it.</param>
internal readonly record struct Piece(string Text, bool IsFirst);
