using System.Globalization;
using System.Text;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;

namespace SeaGrpc.Lab.Evaluation.Datasets.PaperGrid;

/// <summary>The grid as a Markdown page.</summary>
internal static class PaperGridPage
{
    /// <summary>The file's name in the folder of the results.</summary>
    public const string File = "paper-grid.md";

    /// <summary>Writes it.</summary>
    /// <param name="setting">What ran where: models, data, machine, commit.</param>
    /// <param name="prompts">How many prompts.</param>
    /// <param name="iterations">Iterations of every setting.</param>
    /// <param name="start">The sample that the chains start from; null where it has no answer.</param>
    /// <param name="tried">Every setting, the grid first.</param>
    public static string Of(
        string setting, int prompts, int iterations, TriedPaperSetting? start, IReadOnlyList<TriedPaperSetting> tried)
    {
        TriedPaperSetting best = tried.MinBy(one => one.Energy)!;
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # SEA's preset paper on real language: a grid

            {setting}

            {prompts} prompts, {iterations} iterations, one chain, temperatures 0.7, the preset otherwise. Energies are with alpha
            {BudgetFamilies.RewardWeight} for every setting, in nats; lower is better. The lowest is in bold. Around the best of
            step size and alpha, the preset's other parameters are changed one at a time.

            | step size | alpha | changed | reward | log pi_ref per token | energy | tokens |
            |---|---|---|---|---|---|---|

            """);
        foreach (TriedPaperSetting one in (start is null ? [] : new[] { start }).Concat(tried))
        {
            string energy = one.Energy.ToString("F1", CultureInfo.InvariantCulture);
            page.Append(CultureInfo.InvariantCulture, $"| {Cell(one.Setting?.StepSize)} | {Cell(one.Setting?.RewardWeight)} | ")
                .Append(one.Setting is null ? "the start: one sample" : one.Setting.Change.Length > 0 ? $"`{one.Setting.Change}`" : "")
                .Append(CultureInfo.InvariantCulture, $" | {one.Reward:F2} | {one.LogProbability:F2} | ")
                .Append(one == best ? $"**{energy}**" : energy)
                .Append(CultureInfo.InvariantCulture, $" | {one.Tokens:N0} |\n");
        }

        return page.ToString();
    }

    private static string Cell(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
