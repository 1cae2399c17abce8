using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Cli.Calibration;

/// <summary>How much a calibration measures.</summary>
public sealed record CalibrationOptions
{
    /// <summary>SEA by Langevin dynamics with the parameters to keep, without those that are suggested.</summary>
    public MethodText Method { get; init; } = MethodText.Parse("sea[sampler=langevin]");

    /// <summary>Samples of the policy per prompt, for the spread of reward and log-probability; at least 2.</summary>
    public int Samples { get; init; } = 32;

    /// <summary>Responses per prompt whose substitutions are measured; at least 1.</summary>
    public int Responses { get; init; } = 2;

    /// <summary>Substitutions per response; at least 2.</summary>
    public int Substitutions { get; init; } = 64;

    /// <summary>Noisy gradients averaged at each level of smoothing: about as many as Adam's first moment remembers.</summary>
    public int Draws { get; init; } = 8;

    /// <summary>Levels of smoothing, in standard deviations of the embedding matrix; the first is none.</summary>
    public IReadOnlyList<double> Smoothing { get; init; } = [0, 0.2, 0.4, 0.8, 1.2];

    /// <summary>Step sizes tried, in logits.</summary>
    public IReadOnlyList<double> StepSizes { get; init; } = [0.05, 0.1, 0.2, 0.3, 0.5, 1];

    /// <summary>Iterations of each trial of a step size.</summary>
    public int TrialIterations { get; init; } = 15;

    /// <summary>
    /// Alphas of the whole runs, as multiples of the one at which reward and log-probability count alike; in rising order.
    /// </summary>
    public IReadOnlyList<double> Weights { get; init; } = [0.5, 1, 2, 4];

    /// <summary>Iterations of the whole runs.</summary>
    public int CheckIterations { get; init; } = 30;

    /// <summary>Longest response in tokens.</summary>
    public int MaxResponseTokens { get; init; } = 96;

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A quicker, rougher calibration: fewer of everything.</summary>
    public static CalibrationOptions Quick { get; } = new()
    {
        Samples = 8,
        Responses = 1,
        Substitutions = 32,
        Draws = 4,
        Smoothing = [0, 0.4, 0.8],
        StepSizes = [0.1, 0.3, 1],
        TrialIterations = 5,
        Weights = [1, 2],
        CheckIterations = 10,
    };
}
