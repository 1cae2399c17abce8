namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>One training example of the base policy.</summary>
/// <param name="System">A system turn's text, or null for none.</param>
/// <param name="Prompt">What the user writes, as people type it.</param>
/// <param name="Answer">What the assistant answers.</param>
public sealed record Conversation(string? System, string Prompt, string Answer);
