namespace SeaGrpc.Lab.Training.Runs.KeepYourWord;

/// <summary>One stage of the training; the stages follow each other in this order.</summary>
/// <param name="Name">What its progress lines are called.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="BatchSize">Sequences a step.</param>
/// <param name="LearningRate">Highest learning rate.</param>
/// <param name="DataSeed">Added to the training's seed for the seed of what is drawn.</param>
internal sealed record KeepYourWordStage(string Name, int Steps, int BatchSize, double LearningRate, int DataSeed = 0)
{
    /// <summary>Random segments, repeated: the shared policy learns to copy.</summary>
    public static readonly KeepYourWordStage Copying = new("copying", 500, 32, 2e-3, DataSeed: 4);

    /// <summary>The world's language, with requirements mostly met: the shared policy learns what is copied where.</summary>
    public static readonly KeepYourWordStage Language = new("language", 700, 32, 2e-3);

    /// <summary>From the shared policy to one of a strength.</summary>
    public static readonly KeepYourWordStage Weakening = new("weakening", 250, 32, 1e-3);

    /// <summary>Random ids, some of which recur: the reward model, from the shared policy's body, learns to compare.</summary>
    public static readonly KeepYourWordStage Comparing = new("comparing", 400, 32, 2e-3, DataSeed: 6);

    /// <summary>The reward model on labelled answers.</summary>
    public static readonly KeepYourWordStage Reward = new("reward", 1500, 48, 1.5e-3);
}
