using System.ComponentModel.DataAnnotations;
using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Options;

/// <summary>One of several rewards. Section <c>SeaGrpc:Models:Rewards:NAME</c>.</summary>
public sealed record RewardOptions
{
    /// <summary>Checkpoint folder of the reward model, or, with <see cref="Basis"/>, of the tuned language model.</summary>
    [Required(ErrorMessage = "{0} must name a checkpoint folder.")]
    public string Folder { get; init; } = "";

    /// <summary>
    /// Checkpoint folder of the language model that the model in <see cref="Folder"/> was tuned from. The reward is then what tuning
    /// changed. Default none.
    /// </summary>
    public string? Basis { get; init; }

    /// <summary>
    /// Which labels of a classifier make the reward, as <see cref="ModelOptions.RewardLabel"/>. Not with <see cref="Basis"/>.
    /// </summary>
    [RewardLabel]
    public string? Label { get; init; }

    /// <summary>Its mixture weight in the reward, for requests that do not set one; -1e6 to 1e6, default 1.</summary>
    [Range(-1e6, 1e6)]
    public double Share { get; init; } = 1;

    /// <summary>Device of the model. The default is the policy's device.</summary>
    [RegularExpression(ModelOptions.DevicePattern, ErrorMessage = "{0} must be cpu, cuda, cuda:N or auto.")]
    public string? Device { get; init; }

    /// <summary>Number format of the model. The default is the policy's format.</summary>
    [EnumDataType(typeof(ModelDtype))]
    public ModelDtype? Dtype { get; init; }

    /// <summary>Raw score that counts as 0; -1e9 to 1e9, default 0. Cannot be combined with <see cref="Basis"/>.</summary>
    [Range(-1e9, 1e9)]
    public double Mean { get; init; }

    /// <summary>Raw score units that count as 1; above 0, default 1. Cannot be combined with <see cref="Basis"/>.</summary>
    [Range(1e-9, 1e9)]
    public double Deviation { get; init; } = 1;
}
