namespace SeaGrpc.Evaluation.Embedded;

/// <summary>A prompt and the judge of its answers. The judge gets a text and nothing else: it cannot know which method wrote it.</summary>
/// <param name="Text">What the user writes.</param>
/// <param name="Judge">Judges an answer's text.</param>
/// <param name="BadStart">The start of an all-bad answer, through its n-th bad word; null where the world has no such words.</param>
public sealed record JudgedPrompt(string Text, Func<string, Verdict> Judge, Func<int, string>? BadStart);
