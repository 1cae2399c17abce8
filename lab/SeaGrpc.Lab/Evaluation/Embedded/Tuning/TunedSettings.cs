using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Lab.Evaluation.Embedded.Tuning;

/// <summary>The setting that each method runs with: its tuned one if there is one.</summary>
internal static class TunedSettings
{
    /// <summary>A method's setting.</summary>
    /// <param name="entry">The method.</param>
    /// <param name="record">What tuning found, or null.</param>
    /// <returns>The setting as <see cref="MethodCatalog"/> reads it, and whether it was tuned.</returns>
    public static (string Method, bool Tuned) Of(MethodEntry entry, TuningRecord? record)
    {
        // An ablation has the settings of the method that it removes something from.
        string source = entry.Change.Length > 0 ? entry.Method : entry.Name;
        TunedMethod? tuned = record?.Methods.FirstOrDefault(method => method.Name == source);
        return (MethodBrackets.Join(tuned?.Chosen ?? entry.Method, entry.Change), tuned is not null);
    }
}
