namespace SeaGrpc.Lab.Training;

/// <summary>A response with the scores that a reward model's heads should give it, and what single tokens of it decide.</summary>
/// <param name="Sequence">Prompt, response and EOS.</param>
/// <param name="Scores">One score for each head; their sum is the reward.</param>
/// <param name="Marks">Facts that hold or not at single tokens, for training alone.</param>
public sealed record MarkedSequence(TrainingSequence Sequence, IReadOnlyList<float> Scores, IReadOnlyList<TokenMark> Marks);

/// <summary>A fact that holds or not at one token.</summary>
/// <param name="Index">The token's index in the sequence's ids.</param>
/// <param name="Subject">Which fact, from 0.</param>
/// <param name="Holds">Whether it holds.</param>
public sealed record TokenMark(int Index, int Subject, bool Holds);
