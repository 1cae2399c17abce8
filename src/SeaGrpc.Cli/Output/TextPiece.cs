namespace SeaGrpc.Cli.Output;

/// <summary>A stretch of an answer.</summary>
/// <param name="Text">The stretch, fit for a terminal.</param>
/// <param name="Changed">Whether it differs from the draft.</param>
internal readonly record struct TextPiece(string Text, bool Changed);
