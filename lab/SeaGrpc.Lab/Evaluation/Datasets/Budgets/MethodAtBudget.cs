using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A method and what it found at one budget.</summary>
/// <param name="Budget">Tokens a prompt that it may spend.</param>
/// <param name="Family">The method.</param>
/// <param name="Method">Its text.</param>
/// <param name="Results">Its results that have an answer, in the rows' order.</param>
internal sealed record MethodAtBudget(int Budget, BudgetFamily Family, string Method, IReadOnlyList<RowResult> Results);
