namespace SeaGrpc.Modeling.Tokenization;

/// <summary>One turn of a conversation, as passed to a chat template.</summary>
/// <param name="Role">system, user or assistant. The template decides which roles it accepts.</param>
/// <param name="Content">The turn's text, any Unicode.</param>
public sealed record ChatMessage(string Role, string Content);
