using ScottPlot;
using SeaGrpc.Lab.Evaluation.Embedded;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>Reward and energy per iteration.</summary>
internal static class IterationChart
{
    private const int FewestIterations = 3;

    public static bool Draws(WorldReport world) => Lines(world).Any();

    public static void Draw(WorldReport world, string path)
    {
        Plot reward = ChartStyle.Panel($"Reward by iteration ({world.Title})", "iteration (0 is the draft)", "reward");
        Plot energy = ChartStyle.Panel($"Energy by iteration ({world.Title})", "iteration (0 is the draft)", "energy U, nats");
        foreach ((int index, MethodSummary method) in Lines(world).Index())
        {
            Color color = ChartStyle.ColorOf(index);
            Curve(reward, method.Iterations.BestReward, color, $"{method.Name}: answer", LinePattern.Solid);
            Curve(reward, method.Iterations.MeanReward, color, $"{method.Name}: chains' mean", LinePattern.Dashed);
            Curve(energy, method.Iterations.BestEnergy, color, $"{method.Name}: answer", LinePattern.Solid);
            Curve(energy, method.Iterations.MeanEnergy, color, $"{method.Name}: chains' mean", LinePattern.Dashed);
        }

        ChartStyle.LegendBelow(reward);
        ChartStyle.LegendBelow(energy);
        ChartStyle.Save(path, ChartStyle.TwoColumns(), reward, energy);
    }

    private static IEnumerable<MethodSummary> Lines(WorldReport world) =>
        world.Methods.Where(method => method.Group == MethodGroup.Sea && method.Iterations.BestReward.Count >= FewestIterations);

    private static void Curve(Plot plot, IReadOnlyList<double> values, Color color, string legend, LinePattern pattern) =>
        ChartStyle.Line(
            plot, [.. Enumerable.Range(0, values.Count).Select(iteration => (double)iteration)], [.. values], color, legend,
            pattern: pattern);
}
