using System.Globalization;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Number of model tokens that a method may spend per prompt.</summary>
/// <param name="Tokens">Token positions through both models.</param>
/// <param name="Rows">Number of rows that run with it; null for as many as with the others.</param>
internal sealed record TokenBudget(int Tokens, int? Rows)
{
    /// <summary>How budgets are written, for help texts and messages.</summary>
    public const string Form = "TOKENS or TOKENS:ROWS, separated by commas: 1500,5000,20000:30";

    /// <summary>Reads a list of budgets.</summary>
    /// <param name="text">The list, as in <see cref="Form"/>.</param>
    /// <param name="problem">What is wrong with it and what to write instead; null if it is valid.</param>
    /// <returns>The budgets; empty if the list is not valid.</returns>
    public static IReadOnlyList<TokenBudget> Parse(string text, out string? problem)
    {
        List<TokenBudget> budgets = [];
        foreach (string part in text.Split(','))
        {
            if (One(part) is not { } budget)
            {
                problem = $"'{part}' is not a budget. Write whole numbers above 0: {Form}.";
                return [];
            }

            if (budgets.Exists(other => other.Tokens == budget.Tokens))
            {
                problem = $"the budget {budget.Tokens} is given twice. Write it once.";
                return [];
            }

            budgets.Add(budget);
        }

        problem = null;
        return budgets;
    }

    private static TokenBudget? One(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length <= 2 && Whole(parts[0]) is { } tokens && (parts.Length == 1 || Whole(parts[1]) is not null)
            ? new TokenBudget(tokens, parts.Length == 2 ? Whole(parts[1]) : null)
            : null;
    }

    private static int? Whole(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;
}
