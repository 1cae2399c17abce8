using System.ComponentModel.DataAnnotations;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Options;

/// <summary>One of several rewards. Section <c>SeaGrpc:Models:Rewards:NAME</c>.</summary>
public sealed record RewardOptions
{
    /// <summary>Checkpoint folder of the reward model; with <see cref="Basis"/>, of the tuned language model.</summary>
    [Required(ErrorMessage = "{0} must name a checkpoint folder.")]
    public string Folder { get; init; } = "";

    /// <summary>
    /// Checkpoint folder of the language model that <see cref="Folder"/>'s was tuned from: the reward is then what tuning has changed;
    /// default none.
    /// </summary>
    public string? Basis { get; init; }

    /// <summary>Which labels of a classifier make the reward, as <see cref="ModelOptions.RewardLabel"/>. Not with <see cref="Basis"/>.</summary>
    [RewardLabel]
    public string? Label { get; init; }

    /// <summary>Its mixture weight in the reward, for requests that do not set one; -1e6 to 1e6, default 1.</summary>
    [Range(-1e6, 1e6)]
    public double Share { get; init; } = 1;

    /// <summary>Where it runs; default where the policy does.</summary>
    [RegularExpression(ModelOptions.DevicePattern, ErrorMessage = "{0} must be cpu, cuda, cuda:N or auto.")]
    public string? Device { get; init; }

    /// <summary>Its format; default the policy's.</summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype? Dtype { get; init; }

    /// <summary>The raw score that counts as 0; any number, default 0. Not with <see cref="Basis"/>.</summary>
    [Range(-1e9, 1e9)]
    public double Mean { get; init; }

    /// <summary>How many raw units count as 1; above 0, default 1. Not with <see cref="Basis"/>.</summary>
    [Range(1e-9, 1e9)]
    public double Deviation { get; init; } = 1;
}
