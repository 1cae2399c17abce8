using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>
/// Reads the keys of the rotary embedding: rope_theta and rope_scaling, or rope_parameters as transformers 5 writes them.
/// </summary>
internal static class RotaryReader
{
    private const double DefaultTheta = 10_000;

    /// <summary>Adds theta, the rotated part of a head, the scaling and the resulting maximum length to a configuration.</summary>
    /// <exception cref="CheckpointException">The kind of scaling is not supported, or one of its keys is missing.</exception>
    public static TransformerConfig Complete(ConfigReader config, FamilyDefaults defaults, TransformerConfig common)
    {
        string key = config.Has("rope_parameters") ? "rope_parameters" : "rope_scaling";
        ConfigReader? rope = config.Inner(key);
        TransformerConfig shape = common with
        {
            RopeTheta = rope?.Number("rope_theta") ?? config.Number("rope_theta") ?? DefaultTheta,
            RotarySize = RotarySize(config, rope, defaults, common.HeadSize),
        };
        string kind = rope?.Text("rope_type") ?? rope?.Text("type") ?? "default";
        return kind switch
        {
            "default" => shape,
            "linear" => shape with { RotaryScaling = new LinearRotaryScaling(Required(rope!, "factor", key, kind)) },
            "llama3" => shape with
            {
                RotaryScaling = new Llama3RotaryScaling(
                    Required(rope!, "factor", key, kind),
                    Required(rope!, "low_freq_factor", key, kind),
                    Required(rope!, "high_freq_factor", key, kind),
                    (int)Required(rope!, "original_max_position_embeddings", key, kind)),
            },
            // Up to max_position_embeddings the frequencies are the plain ones. Beyond that they would depend on the sequence's
            // length, which would invalidate cached keys, so such lengths are not served.
            "dynamic" => shape,
            "yarn" => Yarn(config, rope!, shape, key, kind),
            "longrope" or "su" => Long(config, rope!, defaults, shape, key, kind),
            _ => throw config.Fault(
                $"{key} asks for rotary embeddings of type '{kind}', which is not supported; supported are default, linear, llama3, yarn, "
                + "dynamic and longrope. Remove the key to use only the pre-training length, if the model's authors allow that."),
        };
    }

    private static TransformerConfig Yarn(ConfigReader config, ConfigReader rope, TransformerConfig shape, string key, string kind)
    {
        const double FastTurns = 32;
        const double SlowTurns = 1;
        int? named = rope.Count("original_max_position_embeddings") ?? config.Count("original_max_position_embeddings");
        int original = named ?? shape.MaxPositions;
        double factor = rope.Number("factor")
            ?? (named is null ? throw rope.Fault($"{key} ({kind}): factor is missing.") : (double)shape.MaxPositions / original);
        double amplitude = rope.Number("attention_factor")
            ?? YarnRotaryScaling.DefaultAmplitude(factor, rope.Number("mscale"), rope.Number("mscale_all_dim"));
        return shape with
        {
            // config.json may contain the length before the extension (Qwen2.5) or the extended one (DeepSeek).
            MaxPositions = named is null
                ? shape.MaxPositions
                : Math.Max(shape.MaxPositions, (int)Math.Min(int.MaxValue, factor * original)),
            RotaryScaling = YarnRotaryScaling.Of(
                factor,
                amplitude,
                original,
                rope.Number("beta_fast") ?? FastTurns,
                rope.Number("beta_slow") ?? SlowTurns,
                shape.RopeTheta,
                shape.RotarySize > 0 ? shape.RotarySize : shape.HeadSize,
                rope.Flag("truncate") ?? true),
        };
    }

    private static TransformerConfig Long(
        ConfigReader config, ConfigReader rope, FamilyDefaults defaults, TransformerConfig shape, string key, string kind)
    {
        int original = config.Count("original_max_position_embeddings") ?? rope.Count("original_max_position_embeddings")
            ?? defaults.OriginalPositions
            ?? throw config.Fault($"{key} ({kind}): original_max_position_embeddings is missing.");
        IReadOnlyList<double> divisors = rope.Numbers("short_factor");
        int rotated = (shape.RotarySize > 0 ? shape.RotarySize : shape.HeadSize) / 2;
        if (divisors.Count != rotated || divisors.Any(divisor => !(divisor > 0)))
        {
            throw config.Fault(
                $"{key} ({kind}): short_factor must have {rotated} numbers above 0, half as many as a head's rotated dimensions.");
        }

        double extension = rope.Number("factor") ?? (double)shape.MaxPositions / original;
        double amplitude = rope.Number("attention_factor")
            ?? (extension <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(extension) / Math.Log(original))));
        return shape with
        {
            MaxPositions = Math.Min(original, shape.MaxPositions),
            RotaryScaling = new LongRotaryScaling(divisors, amplitude),
        };
    }

    private static int RotarySize(ConfigReader config, ConfigReader? rope, FamilyDefaults defaults, int headSize)
    {
        double share = rope?.Number("partial_rotary_factor") ?? config.Number("partial_rotary_factor") ?? 1;
        if (share != 1 && !defaults.RotatesPartOfHeads)
        {
            throw config.Fault($"partial_rotary_factor is {share}, but this architecture rotates whole heads; supported is 1.");
        }

        int size = (int)(headSize * share);
        if (share > 1 || size < 2 || size % 2 != 0)
        {
            throw config.Fault(
                $"partial_rotary_factor is {share}, which rotates {size} of a head's {headSize} dimensions; "
                    + "it must be an even number of them, at least 2."
            );
        }

        return size == headSize ? 0 : size;
    }

    private static double Required(ConfigReader rope, string name, string key, string kind) =>
        rope.Number(name) ?? throw rope.Fault($"{key} ({kind}): {name} is missing.");
}
