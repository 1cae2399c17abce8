using System.ComponentModel.DataAnnotations;

namespace SeaGrpc.Server.Options;

/// <summary>
/// A further pair of a policy and its rewards, which requests name. Section <c>SeaGrpc:Models:Pairs:NAME</c>. The settings are those of
/// <see cref="ModelOptions"/>, without what belongs to the process.
/// </summary>
public sealed record PairOptions : PairSettings
{
    /// <summary>When it is loaded; default <see cref="PairLoad.OnDemand"/>.</summary>
    [EnumDataType(typeof(PairLoad))]
    public PairLoad Load { get; init; } = PairLoad.OnDemand;

    /// <summary>Checkpoint folder of the policy. Required.</summary>
    public string? Policy { get; init; }

    /// <summary>Checkpoint folder of the reward model. Either this or <see cref="PairSettings.Rewards"/> must be set.</summary>
    public string? Reward { get; init; }

    /// <summary>Device of the policy. The default is the default pair's.</summary>
    public string? Device { get; init; }

    /// <summary>The settings of a server that would serve this pair alone.</summary>
    /// <param name="server">The server's own, for what a pair does not set.</param>
    internal ModelOptions Alone(ModelOptions server) => new(this)
    {
        Policy = Policy ?? string.Empty,
        Reward = Reward ?? (Rewards.Count > 0 ? server.Reward : string.Empty),
        Device = Device ?? server.Device,
        Threads = server.Threads,
        MemoryMiB = server.MemoryMiB,
        ReloadInterval = server.ReloadInterval,
        IsOnDemand = Load == PairLoad.OnDemand,
    };

    /// <summary>What is wrong with it, by the setting below its name.</summary>
    /// <param name="server">The server's own settings.</param>
    internal IEnumerable<ValidationResult> Problems(ModelOptions server)
    {
        if (string.IsNullOrEmpty(Policy))
        {
            yield return new ValidationResult("It must name the checkpoint folder of the policy.", [nameof(Policy)]);
        }

        if (string.IsNullOrEmpty(Reward) && Rewards.Count == 0)
        {
            yield return new ValidationResult(
                $"It must name the checkpoint folder of the reward model, unless there are {nameof(Rewards)}.", [nameof(Reward)]);
        }

        ModelOptions alone = Alone(server);
        var found = new List<ValidationResult>();
        if (!Validator.TryValidateObject(alone, new ValidationContext(alone), found, validateAllProperties: true))
        {
            // The validator skips this if a single value is wrong.
            found.AddRange(alone.Validate(new ValidationContext(alone))
                .Where(result => found.TrueForAll(other => other.ErrorMessage != result.ErrorMessage)));
        }

        foreach (ValidationResult result in found.Where(result =>
            !result.MemberNames.Any(name => name is nameof(Policy) or nameof(Reward))))
        {
            yield return result;
        }
    }
}
