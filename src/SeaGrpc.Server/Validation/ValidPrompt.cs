using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Server.Validation;

/// <summary>A prompt that passed its checks, not yet tokenised.</summary>
/// <param name="Path">Its path in the request, for errors found in tokenisation.</param>
internal abstract record ValidPrompt(string Path);

/// <summary>A conversation.</summary>
internal sealed record ValidChatPrompt(string Path, IReadOnlyList<ChatMessage> Messages) : ValidPrompt(Path);

/// <summary>A raw text.</summary>
internal sealed record ValidTextPrompt(string Path, string Text) : ValidPrompt(Path);

/// <summary>Token ids of the policy.</summary>
internal sealed record ValidTokenPrompt(string Path, IReadOnlyList<int> Ids) : ValidPrompt(Path);

/// <summary>A response or prefix that passed its checks: its text or its ids.</summary>
/// <param name="Path">Its path in the request.</param>
/// <param name="Text">Its text, not yet tokenised, or null.</param>
/// <param name="Ids">Its ids if it has no text.</param>
internal sealed record ValidResponse(string Path, string? Text, IReadOnlyList<int> Ids);
