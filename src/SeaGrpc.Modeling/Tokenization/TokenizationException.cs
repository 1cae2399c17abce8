namespace SeaGrpc.Modeling.Tokenization;

/// <summary>A tokenizer's patterns cannot be applied to a text in reasonable time.</summary>
public sealed class TokenizationException(string message, Exception? cause = null) : Exception(message, cause);
