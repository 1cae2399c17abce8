namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A chat template cannot be parsed, or rejects a conversation.</summary>
public sealed class ChatTemplateException(string message) : Exception(message);
