using System.Globalization;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>How many model tokens a method may spend on a prompt.</summary>
/// <param name="Tokens">Token positions through both models.</param>
/// <param name="Rows">How many rows run at it; null for as many as at the others.</param>
internal sealed record TokenBudget(int Tokens, int? Rows)
{
    /// <summary>How budgets are written, for help texts and messages.</summary>
    public const string Form = "TOKENS or TOKENS:ROWS, separated by commas: 1500,5000,20000:30";

    /// <summary>Reads a list of budgets.</summary>
    /// <returns>Null where it is none.</returns>
    public static IReadOnlyList<TokenBudget>? Parse(string text)
    {
        string[] parts = text.Split(',');
        TokenBudget[] budgets = [.. parts.Select(One).OfType<TokenBudget>()];
        return budgets.DistinctBy(budget => budget.Tokens).Count() == parts.Length ? budgets : null;
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
