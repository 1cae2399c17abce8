namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A chat template that cannot be parsed, or that rejects a conversation.</summary>
public sealed class ChatTemplateException(string message) : Exception(message);
