namespace SeaGrpc.Modeling.Tokenization.PreTokenization;

/// <summary>A part of a text on its way to the model.</summary>
/// <param name="Text">The part, never empty.</param>
/// <param name="IsFirst">Whether it is the start of the whole text.</param>
internal readonly record struct Piece(string Text, bool IsFirst);
