using System.Globalization;
using SeaGrpc.Cli;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>How many rows a method of the comparison may run on, where that is fewer than the budget's.</summary>
internal static class FamilyRows
{
    /// <summary>How one is written, for help texts and messages.</summary>
    public const string Form = "METHOD=ROWS";

    /// <summary>Reads them.</summary>
    /// <returns>Rows by the method's name in the tables.</returns>
    /// <exception cref="CliException">A text is none, or there is no such method.</exception>
    public static IReadOnlyDictionary<string, int> Parse(IReadOnlyList<string> texts)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int place = text.LastIndexOf('=');
            string name = place < 0 ? text : text[..place];
            if (BudgetFamilies.Named(name) is null
                || !int.TryParse(text.AsSpan(place + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
                || !found.TryAdd(name, rows))
            {
                throw new CliException(
                    $"--rows-of '{text}' is not understood: write {Form}, each method once. Methods: "
                        + $"{string.Join("; ", BudgetFamilies.All.Select(family => family.Name))}.",
                    ExitCodes.Usage);
            }
        }

        return found;
    }
}
