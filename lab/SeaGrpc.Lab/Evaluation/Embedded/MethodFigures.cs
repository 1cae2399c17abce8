using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>Turns a method's answers into its figures.</summary>
internal static class MethodFigures
{
    private const int Places = 20;

    public static MethodSummary Of(MethodEntry entry, string method, bool tuned, IReadOnlyList<AnswerRecord> answers) => new()
    {
        Name = entry.Name,
        Group = entry.Group,
        Method = method,
        Tuned = tuned,
        Answers = answers.Count,
        Reward = Mean(answers, answer => answer.Reward),
        Harmful = MeanShare(answers, answer => Share(answer.Assessment.Harmful)),
        AllGood = MeanShare(answers, answer => Share(answer.Assessment.AllGood)),
        Met = MeanShare(answers, answer => (double)answer.Assessment.RequirementsMet / answer.Assessment.RequirementCount),
        Grammatical = MeanShare(answers, answer => Share(answer.Assessment.Grammatical)),
        OnTopic = MeanShare(answers, answer => Share(answer.Assessment.OnTopic)),
        Diversity = answers.Average(answer => Diversity.Of([answer.Text])),
        DiversityAcross = BySeed(answers).Average(seed => Diversity.Of(seed.Select(answer => answer.Text))),
        Kl = answers.All(answer => answer.Kl is { Count: > 0 }) ? Mean(answers, answer => answer.Kl!.Average()) : null,
        LogProbability = Mean(answers, answer => answer.LogProbability),
        Cost = new CostFigures(
            answers.Average(answer => answer.Cost.ForwardPasses),
            answers.Average(answer => answer.Cost.BackwardPasses),
            answers.Average(answer => answer.Cost.PolicyTokens),
            answers.Average(answer => answer.Cost.RewardTokens),
            answers.Average(answer => answer.Seconds)),
        SurprisalByPlace = ByPlace(answers.Select(answer => answer.Surprisal)),
        KlByPlace = answers.All(answer => answer.Kl is { Count: > 0 }) ? ByPlace(answers.Select(answer => answer.Kl!)) : null,
        Iterations = new IterationCurves(
            Curve(answers, answer => answer.BestReward),
            Curve(answers, answer => answer.BestEnergy),
            Curve(answers, answer => answer.MeanReward),
            Curve(answers, answer => answer.MeanEnergy)),
        Commits = [.. answers.Select(answer => answer.Commit).Distinct().Order()],
    };

    /// <summary>One value per prompt, its mean over seeds, in the prompts' order.</summary>
    public static double[] PerPrompt(IReadOnlyList<AnswerRecord> answers, Func<AnswerRecord, double> value) =>
        [.. answers.GroupBy(answer => answer.PromptIndex).OrderBy(prompt => prompt.Key).Select(prompt => prompt.Average(value))];

    public static Interval Mean(IReadOnlyList<AnswerRecord> answers, Func<AnswerRecord, double> value) =>
        Bootstrap.Mean(PerPrompt(answers, value));

    /// <summary>A share's mean; every value is in [0, 1].</summary>
    public static Interval MeanShare(IReadOnlyList<AnswerRecord> answers, Func<AnswerRecord, double> value) =>
        ShareInterval.Of(PerPrompt(answers, value));

    public static double Share(bool holds) => holds ? 1 : 0;

    private static IEnumerable<IGrouping<int, AnswerRecord>> BySeed(IReadOnlyList<AnswerRecord> answers) =>
        answers.GroupBy(answer => answer.PromptIndex)
            .SelectMany(prompt => prompt.OrderBy(answer => answer.Seed).Index())
            .GroupBy(answer => answer.Index, answer => answer.Item);

    private static double[] ByPlace(IEnumerable<IReadOnlyList<float>> tokens)
    {
        var sums = new double[Places];
        var counts = new int[Places];
        foreach (IReadOnlyList<float> answer in tokens)
        {
            for (int index = 0; index < answer.Count; index++)
            {
                int place = index * Places / answer.Count;
                sums[place] += answer[index];
                counts[place]++;
            }
        }

        return [.. sums.Zip(counts, (sum, count) => count == 0 ? 0 : sum / count)];
    }

    private static double[] Curve(IReadOnlyList<AnswerRecord> answers, Func<AnswerRecord, IReadOnlyList<double>> values)
    {
        int length = answers.Max(answer => values(answer).Count);
        return [.. Enumerable.Range(0, length).Select(
            iteration => answers.Average(answer => values(answer) is { Count: > 0 } own ? own[Math.Min(iteration, own.Count - 1)] : 0))];
    }
}
