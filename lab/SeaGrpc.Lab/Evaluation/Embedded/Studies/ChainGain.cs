using SeaGrpc.Alignment;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Lab.Evaluation.Metrics;
using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Embedded.Studies;

/// <summary>SEA with one number of chains.</summary>
/// <param name="Chains">Number of chains.</param>
/// <param name="Harmful">Share of answers that are bad in any requirement.</param>
/// <param name="Met">Share of requirements met.</param>
/// <param name="Reward">Mean reward.</param>
/// <param name="Gain">Reward above the base policy's own sample on the same prompts.</param>
/// <param name="Seconds">Of one thread, per answer.</param>
public sealed record ChainPoint(int Chains, Interval Harmful, Interval Met, Interval Reward, Interval Gain, double Seconds);

/// <summary>What more chains give.</summary>
internal static class ChainGain
{
    private static readonly int[] Counts = [1, 2, 4, 8];

    /// <summary>The tasks of SEA with each number of chains, and of the base policy.</summary>
    /// <param name="sea">SEA's setting.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="seed">The first seed.</param>
    public static IEnumerable<AnswerTask> Tasks(string sea, IReadOnlyList<WorldPrompt> prompts, ulong seed) =>
        AnswerTasks.Of("base, beside the chains", new BaseParameters(), prompts, seed, seeds: 1)
            .Concat(
                Counts.SelectMany(
                    count =>
                        AnswerTasks.Of(
                            Name(count), MethodCatalog.Parse(MethodBrackets.Join(sea, $"chains={count}")), prompts, seed, seeds: 1)));

    /// <summary>One point per number of chains.</summary>
    /// <param name="answers">The answers to <see cref="Tasks"/>.</param>
    public static IReadOnlyList<ChainPoint> Points(IReadOnlyList<AnswerRecord> answers)
    {
        ILookup<string, AnswerRecord> byName = answers.ToLookup(answer => answer.Method);
        double[] start = MethodFigures.PerPrompt([.. byName["base, beside the chains"]], answer => answer.Reward);
        return [.. Counts.Select(count => Point(count, [.. byName[Name(count)]], start))];
    }

    private static ChainPoint Point(int count, AnswerRecord[] own, double[] start) => new(
        count,
        MethodFigures.MeanShare(own, answer => MethodFigures.Share(answer.Assessment.Harmful)),
        MethodFigures.MeanShare(own, answer => (double)answer.Assessment.RequirementsMet / answer.Assessment.RequirementCount),
        MethodFigures.Mean(own, answer => answer.Reward),
        Bootstrap.Paired(MethodFigures.PerPrompt(own, answer => answer.Reward), start, (mine, other) => mine - other),
        own.Average(answer => answer.Seconds));

    private static string Name(int count) => $"sea, {count} of the chains' study";
}
