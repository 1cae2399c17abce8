namespace SeaGrpc.Lab.Training;

/// <summary>How long and how fast a model is trained.</summary>
/// <param name="Steps">Optimiser steps, at least 1.</param>
/// <param name="BatchSize">Sequences (policy) or ranked groups (reward) a step, at least 1.</param>
/// <param name="LearningRate">Highest learning rate; warmed up over the first steps, then lowered along a cosine to 2% of it.</param>
/// <param name="Seed">Seed of everything random inside the trainer.</param>
/// <param name="WarmupShare">Share of the steps over which the learning rate is warmed up, from 0 to 1.</param>
/// <param name="Noise">Highest level of the noise on a reward model's embeddings, in their standard deviations.</param>
/// <param name="LayersAboveMarks">
/// Number of highest layers that a reward model's marks are not read from, so that these can add up what single tokens decide; below the
/// number of layers.
/// </param>
public sealed record TrainingOptions(
    int Steps, int BatchSize, double LearningRate, int Seed, double WarmupShare = 0.05, double Noise = 1, int LayersAboveMarks = 0)
{
    private const double FinalShare = 0.02;

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double RateAt(int step)
    {
        var warmup = Math.Max(1, (int)(Steps * WarmupShare));
        if (step < warmup)
        {
            return LearningRate * (step + 1) / warmup;
        }

        var progress = (double)(step - warmup) / Math.Max(1, Steps - warmup);
        return LearningRate * (FinalShare + ((1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
