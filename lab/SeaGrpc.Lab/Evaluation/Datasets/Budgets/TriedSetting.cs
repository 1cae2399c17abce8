using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A setting that tuning has tried.</summary>
/// <param name="Family">The method that it is a setting of.</param>
/// <param name="Setting">The setting.</param>
/// <param name="Method">Its text.</param>
/// <param name="Results">Its results on the tuning prompts.</param>
internal sealed record TriedSetting(BudgetFamily Family, ScaledMethod Setting, string Method, IReadOnlyList<RowResult> Results)
{
    /// <summary>Its results that have an answer.</summary>
    public IReadOnlyList<RowResult> Answered { get; } = [.. Results.Where(result => result.Answer is not null)];

    /// <summary>Its mean energy, by which settings are chosen, in nats.</summary>
    public double Energy => Answered.Average(AnswerEnergy.Of);
}
