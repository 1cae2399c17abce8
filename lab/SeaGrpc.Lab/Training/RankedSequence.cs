namespace SeaGrpc.Lab.Training;

/// <summary>One of several responses to a prompt.</summary>
/// <param name="Sequence">Prompt, response and EOS.</param>
/// <param name="Quality">Its true quality: it is preferred to another with probability sigmoid(difference of the qualities).</param>
public sealed record RankedSequence(TrainingSequence Sequence, double Quality);
