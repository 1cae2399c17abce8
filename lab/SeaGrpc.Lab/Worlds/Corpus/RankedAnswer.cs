namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>One answer with its true quality: good slots, less what errors cost.</summary>
/// <param name="Answer">The answer's text.</param>
/// <param name="Quality">Its quality; of two answers to one prompt, the better has the higher.</param>
public sealed record RankedAnswer(string Answer, double Quality);

/// <summary>Several answers to one prompt, for comparisons.</summary>
/// <param name="System">A system turn's text, or null for none.</param>
/// <param name="Prompt">What the user writes, as people type it.</param>
/// <param name="Answers">Answers with their qualities.</param>
public sealed record RankedAnswers(string? System, string Prompt, IReadOnlyList<RankedAnswer> Answers);
