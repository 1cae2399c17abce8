using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A method and what it found at one budget.</summary>
/// <param name="Budget">Tokens a prompt that it may spend.</param>
/// <param name="Family">The method.</param>
/// <param name="Method">Its text.</param>
/// <param name="Results">Its results that have an answer, in the rows' order.</param>
/// <param name="Asked">How many rows were asked for.</param>
internal sealed record MethodAtBudget(int Budget, BudgetFamily Family, string Method, IReadOnlyList<RowResult> Results, int Asked)
{
    /// <summary>Results of rows that ran once more, alone, for their seconds.</summary>
    public IReadOnlyList<RowResult> Timed { get; init; } = [];
}
