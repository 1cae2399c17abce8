namespace SeaGrpc.Lab.Training;

/// <summary>One step of training.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">The step's loss, in nats.</param>
public sealed record TrainingProgress(int Step, int Steps, double Loss);
