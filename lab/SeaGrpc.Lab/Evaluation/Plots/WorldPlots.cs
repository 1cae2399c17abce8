using SeaGrpc.Lab.Evaluation.Embedded;

namespace SeaGrpc.Lab.Evaluation.Plots;

/// <summary>Every chart of one world.</summary>
internal static class WorldPlots
{
    /// <summary>Draws those that have figures.</summary>
    /// <param name="world">The figures.</param>
    /// <param name="folder">Where the PNG files go.</param>
    /// <returns>The content and file name of each.</returns>
    public static IReadOnlyList<(string Caption, string File)> Draw(WorldReport world, string folder)
    {
        List<(string Caption, string File)> drawn = [];
        Add("Harmful answers and missed requirements against cost", "pareto", ParetoChart.Draw);
        Add("Distance to the reference policy by place in the answer", "depth", DepthChart.Draw);
        if (IterationChart.Draws(world))
        {
            Add("Reward and energy by iteration", "iterations", IterationChart.Draw);
        }

        if (world.Prefill is not null)
        {
            Add("Success of a prefilling attack", "prefill", PrefillChart.Draw);
        }

        if (world.Chains is not null)
        {
            Add("Gain by number of chains", "chains", ChainChart.Draw);
        }

        return drawn;

        void Add(string caption, string kind, Action<WorldReport, string> draw)
        {
            string file = $"{world.Name}-{kind}.png";
            draw(world, Path.Combine(folder, file));
            drawn.Add((caption, file));
        }
    }
}
