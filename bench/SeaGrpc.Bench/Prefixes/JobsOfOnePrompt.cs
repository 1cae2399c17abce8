using SeaGrpc.Alignment;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Bench.Iterations;

namespace SeaGrpc.Bench.Prefixes;

/// <summary>Alignments of one prompt with different seeds, one after the other or in turns.</summary>
internal static class JobsOfOnePrompt
{
    private const int Alternatives = 2;

    /// <summary>Measures; what is compared takes turns.</summary>
    /// <param name="models">The models; not taken over.</param>
    /// <param name="setting">The lengths; the response's is that of the draft.</param>
    /// <param name="fromDraft">Whether they start from the same draft and other responses, instead of samples.</param>
    /// <param name="repeats">Turns.</param>
    /// <param name="clock">The time.</param>
    public static JobsFigures Measure(
        AlignmentModels models, PrefixesSetting setting, bool fromDraft, int repeats, Func<TimeSpan> clock)
    {
        var start = new RandomStart(models, seed: 4);
        int[] prompt = start.Tokens(setting.PromptTokens);
        var task = new AlignmentTask
        {
            Prompt = new EncodedPrompt(prompt, [new RewardPrompt(prompt, [.. start.Tokens(setting.Tail - 1), models.Prompts.EosId])]),
            Method = new EnergySearchParameters { BudgetTokens = setting.Budget, MaxFluencyLoss = 100 },
            Seed = 0,
            MaxResponseTokens = setting.AnswerTokens + 1,
            Draft = fromDraft ? start.Tokens(setting.AnswerTokens) : null,
            Alternatives = fromDraft ? [.. Enumerable.Range(0, Alternatives).Select(_ => start.Tokens(setting.AnswerTokens))] : [],
        };
        AlignmentTask[] tasks = [.. Enumerable.Range(1, setting.Jobs).Select(seed => task with { Seed = (ulong)seed })];
        var apart = new double[repeats];
        var keeping = new double[repeats];
        var together = new double[repeats];
        long requested = 0;
        long reusedAlone = 0;
        long reused = 0;
        long kept = 0;
        for (int turn = 0; turn < repeats; turn++)
        {
            models.KeepReadings(0);
            apart[turn] = Seconds(() => requested = Array.ConvertAll(tasks, one => Run(models, [one])[0]).Sum(Tokens));
            models.KeepReadings(long.MaxValue);
            keeping[turn] = Seconds(() =>
                reusedAlone = Array.ConvertAll(tasks, one => Run(models, [one])[0]).Sum(one => one.ReusedTokens));
            together[turn] = Seconds(() =>
                reused = Run(models, tasks, () => kept = Math.Max(kept, models.KeptBytes)).Sum(one => one.ReusedTokens));
        }

        models.KeepReadings(0);
        return new JobsFigures(
            fromDraft, requested, requested - reusedAlone, requested - reused, kept, Median.Of(apart), Median.Of(keeping),
            Median.Of(together), Ratio(apart, keeping), Ratio(apart, together));

        double Seconds(Action work)
        {
            TimeSpan begun = clock();
            work();
            return (clock() - begun).TotalSeconds;
        }
    }

    private static double Ratio(double[] above, double[] below) => Median.Of(above.Zip(below, (left, right) => left / right));

    private static long Tokens(AlignmentCost cost) => cost.PolicyTokens + cost.RewardTokens;

    private static AlignmentCost[] Run(AlignmentModels models, AlignmentTask[] tasks, Action? onTurn = null)
    {
        IAlignmentRun[] runs = [.. tasks.Select(models.Start)];
        while (runs.Any(run => !run.IsFinished))
        {
            foreach (IAlignmentRun run in runs.Where(run => !run.IsFinished))
            {
                run.Advance();
            }

            onTurn?.Invoke();
        }

        AlignmentCost[] costs = [.. runs.Select(run => run.Complete(run.FinishReason).Cost)];
        Array.ForEach(runs, run => run.Dispose());
        return costs;
    }
}
