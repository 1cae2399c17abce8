namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>The methods that the embedded suite compares, and what tuning tries for each. This is the only place for that data.</summary>
/// <remarks>Every tuned method has <see cref="SettingsPerMethod"/> settings to choose among; the first is the default.</remarks>
public static class EmbeddedMethods
{
    /// <summary>How many settings tuning tries for each method.</summary>
    public const int SettingsPerMethod = 6;

    private static readonly string[] Sampling =
        ["", "sampling_temperature=0.5", "sampling_temperature=0.7", "sampling_temperature=0.85", "sampling_temperature=1.2",
            "sampling_temperature=1.5"];

    private static readonly string[] Guidance =
        ["", "guidance_weight=2", "guidance_weight=4", "guidance_weight=8", "guidance_weight=4,candidates=20",
            "guidance_weight=8,candidates=20"];

    private static readonly string[] Beams =
        ["", "temperature=0.5", "temperature=0.85", "temperature=1", "temperature=1.2", "temperature=1,top_k=0"];

    private static readonly string[] Langevin =
        ["", "reward_weight=4", "reward_weight=16", "step_size=0.2", "step_size=0.45", "embedding_noise=0.4"];

    private static readonly string[] Substitutions =
        ["", "reward_weight=6", "reward_weight=10", "proposals=32", "draft_samples=16", "plateau_tolerance=0.1"];

    private static readonly string[] Paper =
        ["", "step_size=3", "step_size=30,reward_weight=16", "step_size=100,reward_weight=8", "reward_weight=16", "noise_scale=0.1"];

    /// <summary>All of them, in the order of the tables.</summary>
    public static IReadOnlyList<MethodEntry> All { get; } =
    [
        Baseline("base", Sampling),
        Baseline("best-of-4", Sampling),
        Baseline("best-of-16", Sampling),
        Baseline("best-of-64", Sampling),
        Baseline("best-of-256", Sampling),
        Baseline("args", Guidance),
        Baseline("cbs-2x2-30", Beams),
        Baseline("cbs-4x4-5", Beams),
        Baseline("cbs-4x4-10", Beams),
        Baseline("cbs-8x8-5", Beams),
        Baseline("cbs-8x8-10", Beams),
        Baseline("cbs-8x8-20", Beams),
        Baseline("cbs-16x16-5", Beams),
        Baseline("cbs-4x4-10-rollout", Beams),
        Baseline("cbs-4x4-20-rollout", Beams),
        new("sea", MethodGroup.Sea, "sea", Substitutions),
        new("sea-4-chains", MethodGroup.Sea, "sea", [], "chains=4"),
        new("sea-langevin", MethodGroup.Sea, "sea-langevin", Langevin),
        new("sea-paper", MethodGroup.Sea, "sea-paper", Paper),
        new("energy-search", MethodGroup.Sea, "energy-search", []),
        Ablation("sea", "1-draft", "draft_samples=1"),
        Ablation("sea", "no-reward", "reward_weight=0"),
        Ablation("sea", "no-reference", "reference=none"),
        Ablation("sea", "no-unions", "combine_flips=false"),
        Ablation("sea", "highest-reward", "selection=reward"),
        .. Ablations("sea-langevin", noise: "noise=none,embedding_noise=0"),
        Ablation("sea-langevin", "plain-steps", "step=plain"),
        .. Ablations("sea-paper", noise: "noise=none"),
    ];

    /// <summary>The methods of <c>--quick</c>.</summary>
    public static IReadOnlyList<MethodEntry> Quick { get; } =
        [.. All.Where(entry => entry.Name
            is "base" or "best-of-64" or "args" or "cbs-8x8-5" or "energy-search" or "sea" or "sea-langevin")];

    /// <summary>The methods that start from drafts with errors.</summary>
    public static IReadOnlyList<MethodEntry> FromDrafts { get; } =
        [.. All.Where(entry => entry.Name is "best-of-64" or "energy-search" or "sea")];

    /// <summary>An entry of the list, or one for any other name of the catalogue; that one is not tuned.</summary>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    public static MethodEntry Named(string name)
    {
        MethodEntry entry = All.FirstOrDefault(entry => entry.Name == name) ?? new MethodEntry(name, MethodGroup.Baseline, name, []);
        MethodCatalog.Parse(entry.Method);
        return entry with
        {
            Group = entry.Method.StartsWith("sea", StringComparison.Ordinal) && entry.Group == MethodGroup.Baseline
            ? MethodGroup.Sea
            : entry.Group
        };
    }

    private static MethodEntry Baseline(string name, string[] grid) => new(name, MethodGroup.Baseline, name, grid);

    /// <summary>The paper's ablations.</summary>
    private static MethodEntry[] Ablations(string method, string noise) =>
    [
        Ablation(method, "1-chain", "chains=1"),
        Ablation(method, "random-init", "initialization=random"),
        Ablation(method, "no-reward", "reward_weight=0"),
        Ablation(method, "no-reference", "reference=none"),
        Ablation(method, "no-noise", noise),
    ];

    private static MethodEntry Ablation(string method, string name, string change) =>
        new($"{method}-{name}", MethodGroup.Ablation, method, [], change);
}
