namespace SeaGrpc.Modeling.Tokenization;

/// <summary>One turn of a conversation, as a chat template sees it.</summary>
/// <param name="Role">system, user or assistant; the template decides which roles it knows.</param>
/// <param name="Content">The turn's text, any Unicode.</param>
public sealed record ChatMessage(string Role, string Content);
