using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>Which layers see a sliding window: layer_types where config.json has it, else the family's own rule.</summary>
internal static class LayerWindows
{
    private const string Sliding = "sliding_attention";
    private const string Full = "full_attention";

    /// <summary>One entry a layer, or none where every layer sees everything that the model can read.</summary>
    /// <param name="config">config.json.</param>
    /// <param name="common">The shape.</param>
    /// <param name="absent">The window where sliding_window gives none.</param>
    /// <param name="isSliding">The family's rule, by index of the layer.</param>
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

    /// <summary>Qwen's rule: none without use_sliding_window, else from layer max_window_layers on.</summary>
    public static IReadOnlyList<int?> FromLayer(ConfigReader config, TransformerConfig common)
    {
        int first = config.Id("max_window_layers") ?? 28;
        return config.Flag("use_sliding_window") == true
            ? Read(config, common, absent: config.HasKey("sliding_window") ? null : 4096, layer => layer >= first)
            : [];
    }
}
