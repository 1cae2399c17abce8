using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>
/// Determines which layers have a sliding window: by layer_types if config.json has it, otherwise by the family's own rule.
/// </summary>
internal static class LayerWindows
{
    private const string Sliding = "sliding_attention";
    private const string Full = "full_attention";

    /// <summary>One entry per layer, or none if every layer sees all positions that the model can read.</summary>
    /// <param name="config">config.json.</param>
    /// <param name="common">The decoder's configuration.</param>
    /// <param name="absent">The window if sliding_window is absent.</param>
    /// <param name="isSliding">The family's rule, given the index of a layer.</param>
    public static IReadOnlyList<int?> Read(ConfigReader config, TransformerConfig common, int? absent, Func<int, bool> isSliding)
    {
        int? window = config.Count("sliding_window") ?? absent;
        if (window is null || window >= common.MaxPositions)
        {
            return [];
        }

        IReadOnlyList<string> types = config.Texts("layer_types");
        if (types.Count > 0 && (types.Count != common.LayerCount || types.Any(type => type is not (Sliding or Full))))
        {
            throw config.Fault($"layer_types must name {Full} or {Sliding} for each of the {common.LayerCount} layers.");
        }

        int?[] windows =
        [
            .. Enumerable
                .Range(0, common.LayerCount)
                .Select(layer => (types.Count > 0 ? types[layer] == Sliding : isSliding(layer)) ? window : null),
        ];
        return windows.Any(size => size is not null) ? windows : [];
    }

    /// <summary>Qwen's rule: no windows without use_sliding_window, otherwise from layer max_window_layers on.</summary>
    public static IReadOnlyList<int?> FromLayer(ConfigReader config, TransformerConfig common)
    {
        int first = config.Id("max_window_layers") ?? 28;
        return config.Flag("use_sliding_window") == true
            ? Read(config, common, absent: config.HasKey("sliding_window") ? null : 4096, layer => layer >= first)
            : [];
    }
}
