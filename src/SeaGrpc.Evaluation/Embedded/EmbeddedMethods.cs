namespace SeaGrpc.Evaluation.Embedded;

/// <summary>The methods that the embedded suite compares, and what tuning tries for each: data, and the only place for it.</summary>
/// <remarks>Every tuned method has <see cref="SettingsPerMethod"/> settings to choose among; the first is the method as it is.</remarks>
public static class EmbeddedMethods
{
    /// <summary>How many settings tuning tries for each method.</summary>
    public const int SettingsPerMethod = 6;

    private static readonly string[] Sampling =
        ["", "sampling-temperature=0.5", "sampling-temperature=0.7", "sampling-temperature=0.85", "sampling-temperature=1.2", "sampling-temperature=1.5"];

    private static readonly string[] SeaGrid =
        ["", "reward-weight=4", "reward-weight=16", "step-size=0.2", "step-size=0.45", "embedding-noise=0.4"];

    private static readonly string[] PaperGrid =
        ["", "step-size=1", "step-size=10", "step-size=1,noise-scale=0.02", "step-size=10,reward-weight=4", "step-size=10,reward-weight=16"];

    /// <summary>All of them, in the order of the tables.</summary>
    public static IReadOnlyList<MethodEntry> All { get; } =
    [
        Baseline("base", Sampling),
        Baseline("best-of-4", Sampling),
        Baseline("best-of-16", Sampling),
        Baseline("best-of-64", Sampling),
        Baseline("best-of-256", Sampling),
        new("sea", MethodGroup.Sea, "sea", SeaGrid),
        new("sea-paper", MethodGroup.Sea, "sea-paper", PaperGrid),
        Ablation("sea, 1 chain", "chains=1"),
        Ablation("sea, random start", "initialization=random"),
        Ablation("sea, no reward", "reward-weight=0"),
        Ablation("sea, no reference", "reference=none"),
        Ablation("sea, no smoothing", "embedding-noise=0"),
        Ablation("sea, plain steps", "step=plain"),
        Ablation("sea, highest reward", "selection=reward"),
    ];

    /// <summary>The methods of <c>--quick</c>.</summary>
    public static IReadOnlyList<MethodEntry> Quick { get; } = [.. All.Where(entry => entry.Name is "base" or "best-of-64" or "sea")];

    /// <summary>An entry of the list, or one for any other name of the catalogue; that one is not tuned.</summary>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    public static MethodEntry Named(string name)
    {
        MethodEntry entry = All.FirstOrDefault(entry => entry.Name == name) ?? new MethodEntry(name, MethodGroup.Baseline, name, []);
        MethodCatalog.Parse(entry.Method);
        return entry with { Group = entry.Method.StartsWith("sea", StringComparison.Ordinal) && entry.Group == MethodGroup.Baseline ? MethodGroup.Sea : entry.Group };
    }

    private static MethodEntry Baseline(string name, string[] grid) => new(name, MethodGroup.Baseline, name, grid);

    private static MethodEntry Ablation(string name, string change) => new(name, MethodGroup.Ablation, "sea", [], change);
}
