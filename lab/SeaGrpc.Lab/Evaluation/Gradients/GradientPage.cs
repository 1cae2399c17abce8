using System.Globalization;
using System.Text;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Gradients;

/// <summary>The measurement as a Markdown page.</summary>
internal static class GradientPage
{
    /// <summary>Writes it.</summary>
    /// <param name="setting">What was measured where: models, data, machine, commit.</param>
    /// <param name="candidates">How many next tokens.</param>
    /// <param name="depths">The figures.</param>
    public static string Of(string setting, int candidates, IReadOnlyList<DepthFigures> depths)
    {
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Does the reward's gradient tell the best next token?

            {setting}

            Along one sample of the policy for each prompt, the {candidates} likeliest next tokens are scored exactly (the token and an end
            after it, as the reward model's template writes it) and ranked by the reward's gradient at that position times each token's
            embedding: one backward pass, at the likeliest token or at the mean of the candidates weighted by the policy. Brackets are 95 %
            bootstrap intervals over prompts.

            ## Rank correlation with the exact reward (Spearman)

            | tokens before | prompts | gradient at the likeliest | gradient at the mean | policy's probability | range of rewards |
            |---|---|---|---|---|---|

            """);
        foreach (DepthFigures one in depths)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {one.Depth} | {one.Prompts} | {Number(one.AtLikeliest.Correlation)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Number(one.AtMean.Correlation)} | {Number(one.Policy.Correlation)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Number(one.Spread)} |\n");
        }

        page.Append(
            CultureInfo.InvariantCulture,
            $"""

            ## How many of the best {OrderFigures.Best} are among the first {OrderFigures.First}, %

            A random order finds {100.0 * OrderFigures.First / candidates:0} %.

            | tokens before | gradient at the likeliest | gradient at the mean | policy's probability |
            |---|---|---|---|

            """);
        foreach (DepthFigures one in depths)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {one.Depth} | {Percent(one.AtLikeliest.Found)} | {Percent(one.AtMean.Found)} | ")
                .Append(CultureInfo.InvariantCulture, $"{Percent(one.Policy.Found)} |\n");
        }

        return page.ToString();
    }

    private static string Number(Interval interval) =>
        string.Create(CultureInfo.InvariantCulture, $"{interval.Mean:F2} [{interval.Low:F2}, {interval.High:F2}]");

    private static string Percent(Interval share) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * share.Mean:F0} [{100 * share.Low:F0}, {100 * share.High:F0}]");
}
