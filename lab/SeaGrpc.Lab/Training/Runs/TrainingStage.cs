namespace SeaGrpc.Lab.Training.Runs;

/// <summary>One stage of the training of a <see cref="IStagedWorld"/>'s models.</summary>
/// <param name="Name">What its progress lines are called.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="BatchSize">Sequences a step.</param>
/// <param name="LearningRate">Highest learning rate.</param>
/// <param name="DataSeed">Added to the training's seed for the seed of what is drawn.</param>
internal sealed record TrainingStage(string Name, int Steps, int BatchSize, double LearningRate, int DataSeed = 0);

/// <summary>The stages of a training, in their order but for the weakening, which the reward model does not depend on.</summary>
/// <param name="Copying">Random segments, repeated: the shared policy learns to copy.</param>
/// <param name="Language">The world's language: the shared policy learns what is copied where.</param>
/// <param name="Weakening">From the shared policy to one of a strength.</param>
/// <param name="Comparing">Random ids, some of which recur: the reward model, from the shared policy's body, learns to compare.</param>
/// <param name="Reward">The reward model on labelled answers.</param>
internal sealed record TrainingStages(
    TrainingStage Copying, TrainingStage Language, TrainingStage Weakening, TrainingStage Comparing, TrainingStage Reward);
