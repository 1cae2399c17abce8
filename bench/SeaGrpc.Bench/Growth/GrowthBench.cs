using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Bench.Iterations;
using SeaGrpc.Bench.Synthetic;
using SeaGrpc.Modeling;

namespace SeaGrpc.Bench.Growth;

/// <summary>Doubles one size after another of an iteration of ours, and takes the time.</summary>
/// <param name="folder">Where the models are made, one pair for each vocabulary.</param>
/// <param name="options">Where and how to load them.</param>
/// <param name="doublings">How often each size is doubled.</param>
/// <param name="clock">What time is taken.</param>
/// <param name="repeats">Iterations at each point; their median counts.</param>
internal sealed class GrowthBench(ModelFolder folder, ModelLoadOptions options, int doublings, BenchClock clock, int repeats)
{
    private static readonly SyntheticShape Shape = SyntheticShape.Small;
    private static readonly IterationSetting Start = new(Chains: 4, PromptTokens: 32, Positions: 32);

    /// <summary>What stays fixed while something else grows.</summary>
    public static string Base { get; } =
        $"{Shape.Layers} layers, hidden {Shape.Hidden}; {Start.Chains} chains, {Start.Positions} positions, a prompt of "
            + $"{Start.PromptTokens}, a vocabulary of {Shape.Vocabulary} where these do not grow";

    /// <summary>Measures all four curves.</summary>
    public IReadOnlyList<GrowthLine> Measure()
    {
        using AlignmentModels models = Load(Shape);
        return
        [
            Line("chains", 1, size => Point(models, size, Start with { Chains = size })),
            Line("positions", 16, size => Point(models, size, Start with { Positions = size })),
            Line("prompt", 32, size => Point(models, size, Start with { PromptTokens = size })),
            Line("vocabulary", Shape.Vocabulary, size =>
            {
                using AlignmentModels wide = Load(Shape with { Vocabulary = size });
                return Point(wide, size, Start);
            }),
        ];
    }

    private GrowthLine Line(string name, int first, Func<int, GrowthPoint> measure)
    {
        ErrorLines.Write(name);
        return new GrowthLine(name, [.. Enumerable.Range(0, doublings + 1).Select(power => measure(first << power))]);
    }

    private GrowthPoint Point(AlignmentModels models, int size, IterationSetting setting)
    {
        using var bench = new IterationBench(models, setting, SeaParameters.Langevin, clock.Reading());
        bench.Ours();
        return new GrowthPoint(
            size, Median.Of(Enumerable.Range(0, repeats).Select(_ => bench.Ours().TotalSeconds)), bench.ComputedOperations);
    }

    private AlignmentModels Load(SyntheticShape shape)
    {
        string name = $"small-{shape.Vocabulary}";
        string made = folder.Make(name, shape);
        try
        {
            return BenchShapes.Load(made, options);
        }
        finally
        {
            folder.Release(name);
        }
    }
}
