namespace SeaGrpc.Lab.Training;

/// <summary>A prompt and its response, as ids.</summary>
/// <param name="Ids">Prompt, response and EOS.</param>
/// <param name="ResponseStart">Index of the response's first id, at least 1.</param>
public sealed record TrainingSequence(int[] Ids, int ResponseStart);
