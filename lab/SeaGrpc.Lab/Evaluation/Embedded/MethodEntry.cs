namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>The role of a method in a comparison.</summary>
public enum MethodGroup
{
    /// <summary>A method that SEA is compared with.</summary>
    Baseline,

    /// <summary>SEA, or another search on its energy.</summary>
    Sea,

    /// <summary>SEA with one thing changed.</summary>
    Ablation,
}

/// <summary>A method of the embedded suite.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Group">Baseline, SEA or ablation.</param>
/// <param name="Method">A name of <see cref="MethodCatalog"/>; for an ablation the method whose tuned settings it starts from.</param>
/// <param name="Grid">The settings that tuning tries, as written in a method's brackets; the first is the default. Empty: not tuned by
/// itself.</param>
/// <param name="Change">What an ablation changes after tuning.</param>
public sealed record MethodEntry(string Name, MethodGroup Group, string Method, IReadOnlyList<string> Grid, string Change = "");
