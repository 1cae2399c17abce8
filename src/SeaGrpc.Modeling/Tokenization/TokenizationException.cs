namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A text that a tokenizer's patterns cannot be applied to in reasonable time.</summary>
public sealed class TokenizationException(string message, Exception? cause = null) : Exception(message, cause);
