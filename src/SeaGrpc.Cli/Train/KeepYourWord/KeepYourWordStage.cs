namespace SeaGrpc.Cli.Train.KeepYourWord;

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

    /// <summary>The reward model, from the shared policy's body.</summary>
    public static readonly KeepYourWordStage Reward = new("reward", 1500, 48, 1.5e-3);

    /// <summary>The reward model once more, with fresh heads and a fresh rise of the noise.</summary>
    public static readonly KeepYourWordStage RewardAgain = new("reward again", 1200, 48, 2e-3, DataSeed: 76);
}
