namespace SeaGrpc.Lab.Training.Runs.MovingDay;

/// <summary>One stage of the training; the stages follow each other in this order.</summary>
/// <param name="Name">What its progress lines are called.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="BatchSize">Sequences a step.</param>
/// <param name="LearningRate">Highest learning rate.</param>
/// <param name="DataSeed">Added to the training's seed for the seed of what is drawn.</param>
internal sealed record MovingDayStage(string Name, int Steps, int BatchSize, double LearningRate, int DataSeed = 0)
{
    /// <summary>Random segments, repeated: the policy learns to copy.</summary>
    public static readonly MovingDayStage Copying = new("copying", 350, 24, 2e-3, DataSeed: 4);

    /// <summary>Answers with nothing wrong: the policy learns which sentence is due and which fact it names.</summary>
    public static readonly MovingDayStage Language = new("language", 700, 24, 2e-3);

    /// <summary>Answers whose facts are sometimes forgotten, a few with other errors.</summary>
    public static readonly MovingDayStage Weakening = new("weakening", 250, 24, 1e-3, DataSeed: 8);

    /// <summary>
    /// Random ids, some of which recur: the reward model, from the body of the policy before it was weakened, learns to compare.
    /// </summary>
    public static readonly MovingDayStage Comparing = new("comparing", 350, 24, 2e-3, DataSeed: 6);

    /// <summary>The reward model on labelled answers.</summary>
    public static readonly MovingDayStage Reward = new("reward", 1500, 24, 1.5e-3);
}
