namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A method of the comparison at equal tokens, and the settings among which tuning chooses.</summary>
/// <param name="Name">In tables and plots.</param>
/// <param name="Settings">Its settings; the first one runs where nothing is tuned.</param>
internal sealed record BudgetFamily(string Name, IReadOnlyList<ScaledMethod> Settings)
{
    /// <summary>Whether it is the one that the others are compared with.</summary>
    public bool IsCompared { get; init; }

    /// <summary>Whether its requests bring a refusal, as their draft.</summary>
    public bool BringsRefusal { get; init; }

    /// <summary>The smallest budget that it is run at, in tokens a prompt.</summary>
    public int LeastBudget { get; init; }
}
