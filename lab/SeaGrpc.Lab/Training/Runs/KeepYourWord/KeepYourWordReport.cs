using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.KeepYourWord;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs.KeepYourWord;

/// <inheritdoc cref="IStagedReport"/>
internal sealed class KeepYourWordReport(PromptIds prompts, Tokenizer tokenizer, int seed, TextWriter output) : IStagedReport
{
    private const int PromptCount = 256;
    private const int PairCount = 400;
    private const int AnswerCount = 2000;
    private const double AnyLevel = 0.5;

    private readonly KeepYourWordWorld _world = new();

    /// <summary>Writes what a policy samples at temperature 1.</summary>
    /// <inheritdoc/>
    public void WritePolicy(string strength, TransformerDecoder policy, int endId, CancellationToken cancellation)
    {
        PolicySample[] found = PolicySample.Draw(
            _world, PromptCount, text => prompts.EncodePrompt(null, text), tokenizer, policy, endId, seed, cancellation);
        IReadOnlyList<bool>[] met = [.. found.Select(one => KeepYourWordWorld.Requirements(one.Prompt, one.Answer))];
        output.WriteLine(
            $"Policy {strength}, {PromptCount} samples: requirements met "
                + $"{found.Average(one => one.Assessment.RequirementsMet) / _world.RequirementCount:P1} ("
                + string.Join(
                    ", ",
                    KeepYourWordWorld.RequirementNames.Select((name, index) => $"{name} {met.Average(one => one[index] ? 1.0 : 0):P1}")
                )
                + $"), all good {found.Average(one => one.Assessment.AllGood ? 1.0 : 0):P1}, grammatical "
                + $"{found.Average(one => one.Assessment.Grammatical ? 1.0 : 0):P1}, "
                + $"on topic {found.Average(one => one.Assessment.OnTopic ? 1.0 : 0):P1}."
        );
    }

    /// <summary>Writes how often the reward model orders pairs rightly, and how its reward follows the true quality.</summary>
    /// <inheritdoc/>
    public void WriteReward(RewardNetwork reward, CancellationToken cancellation)
    {
        var data = new KeepYourWordData(prompts, tokenizer, seed);
        var fresh = new KeepYourWordCorpus(seed + 1_000_003, tuning: true);
        for (var index = 0; index < _world.RequirementCount; index++)
        {
            var requirement = index;
            output.WriteLine(
                $"Reward, one word decides {KeepYourWordWorld.RequirementNames[requirement]}: "
                    + $"among any answers {Right(() => fresh.NextToggle(requirement, AnyLevel))}, 7 met over 6 "
                    + $"{Right(() => fresh.NextToggle(requirement, 1))}."
            );
        }

        output.WriteLine(
            $"Reward, flawless over one edit: any answers {Right(() => fresh.NextDamaged(AnyLevel, 1))}, 7 met "
                + $"{Right(() => fresh.NextDamaged(1, 1))}; "
                + $"over several edits {Right(() => fresh.NextDamaged(AnyLevel, 3))}; "
                + $"over a foreign token, 7 met {Foreign()}; "
                + $"on topic over off topic: any answers {Right(() => fresh.NextOffTopic(AnyLevel))}, 7 met "
                + $"{Right(() => fresh.NextOffTopic(1))}."
        );

        LabelledAnswer[] answers = [.. Enumerable.Range(0, AnswerCount).Select(_ => fresh.NextAnswer())];
        var rewards = BatchedRewards.Of(reward, answers.Select(data.Encode), cancellation);
        var isClean = answers.Select(answer => answer.Errors == 0).ToArray();
        double[] flawless = [.. answers.Where((_, i) => isClean[i]).Select(answer => answer.Quality)];
        output.WriteLine(
            $"Reward, correlation with the true quality on {AnswerCount} answers: "
                + $"all {Correlation([.. answers.Select(answer => answer.Quality)], rewards):F3}, "
                + $"flawless ones {Correlation(flawless, [.. rewards.Where((_, i) => isClean[i])]):F3}."
        );

        string Right(Func<(LabelledAnswer Better, LabelledAnswer Worse)> next) =>
            Share([
                .. Enumerable
                    .Range(0, PairCount)
                    .Select(_ => next())
                    .SelectMany(pair => new[] { data.Encode(pair.Better), data.Encode(pair.Worse) }),
            ]);

        string Foreign() =>
            Share([
                .. Enumerable
                    .Range(0, PairCount)
                    .Select(_ => data.Encode(fresh.NextToggle(0, 1).Better))
                    .SelectMany(good => new[] { good, data.WithForeignToken(good) }),
            ]);

        string Share(TrainingSequence[] pairs)
        {
            var scores = BatchedRewards.Of(reward, pairs, cancellation);
            var accuracy = new PairAccuracy();
            foreach (var pair in scores.Chunk(2))
            {
                accuracy.Add(pair[0] > pair[1]);
            }

            return accuracy.ToString();
        }
    }

    // Pearson's.
    private static double Correlation(double[] first, double[] second)
    {
        double firstMean = first.Average(),
            secondMean = second.Average();
        var covariance = first.Zip(second, (a, b) => (a - firstMean) * (b - secondMean)).Sum();
        return covariance
            / Math.Sqrt(first.Sum(a => (a - firstMean) * (a - firstMean)) * second.Sum(b => (b - secondMean) * (b - secondMean)));
    }
}
