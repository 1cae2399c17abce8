using SeaGrpc.Alignment.Probing;
using SeaGrpc.Cli.Calibration;
using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Gradients;

/// <summary>How well orders of the next tokens agree with their exact rewards at one depth, over prompts.</summary>
/// <param name="Depth">Tokens before.</param>
/// <param name="Prompts">How many prompts have answers that long.</param>
/// <param name="Spread">Highest less lowest exact reward among the candidates.</param>
/// <param name="AtLikeliest">By the gradient at the likeliest token.</param>
/// <param name="AtMean">By the gradient at the mean of the candidates.</param>
/// <param name="Policy">By the policy's probability.</param>
internal sealed record DepthFigures(
    int Depth, int Prompts, Interval Spread, OrderFigures AtLikeliest, OrderFigures AtMean, OrderFigures Policy)
{
    /// <summary>Computes them for each depth.</summary>
    /// <param name="measured">Measurements of all prompts.</param>
    public static IReadOnlyList<DepthFigures> Of(IEnumerable<NextTokens> measured) =>
    [
        .. measured.GroupBy(tokens => tokens.Depth).OrderBy(group => group.Key).Select(group => new DepthFigures(
            group.Key,
            group.Count(),
            Bootstrap.Mean([.. group.Select(tokens => tokens.Rewards.Max() - tokens.Rewards.Min())]),
            OrderFigures.Of([.. group.Select(tokens => (tokens.AtLikeliest, tokens.Rewards))]),
            OrderFigures.Of([.. group.Select(tokens => (tokens.AtMean, tokens.Rewards))]),
            OrderFigures.Of([.. group.Select(tokens => (tokens.LogProbabilities, tokens.Rewards))]))),
    ];
}

/// <summary>How well one order agrees with the exact rewards.</summary>
/// <param name="Correlation">Spearman's rank correlation.</param>
/// <param name="Found">Share of the <see cref="Best"/> best that are among its <see cref="First"/> first.</param>
internal sealed record OrderFigures(Interval Correlation, Interval Found)
{
    /// <summary>How many of the best are looked for.</summary>
    public const int Best = 4;

    /// <summary>Among how many of an order.</summary>
    public const int First = 16;

    /// <summary>Means over prompts, with bootstrap intervals.</summary>
    /// <param name="pairs">For each prompt, an order's scores and the exact rewards.</param>
    public static OrderFigures Of(IReadOnlyList<(IReadOnlyList<double> Order, IReadOnlyList<double> Exact)> pairs)
    {
        double[] correlations = [.. pairs.Select(pair => RankCorrelation.Of(pair.Order, pair.Exact)).Where(double.IsFinite)];
        return new OrderFigures(
            correlations.Length == 0 ? new Interval(double.NaN, double.NaN, double.NaN) : Bootstrap.Mean(correlations),
            ShareInterval.Of([.. pairs.Select(pair => Share(pair.Order, pair.Exact))]));
    }

    private static double Share(IReadOnlyList<double> order, IReadOnlyList<double> exact)
    {
        int[] best = [.. Ranked(exact).Take(Best)];
        return Ranked(order).Take(First).Intersect(best).Count() / (double)best.Length;
    }

    private static IEnumerable<int> Ranked(IReadOnlyList<double> scores) =>
        Enumerable.Range(0, scores.Count).OrderByDescending(index => scores[index]);
}
