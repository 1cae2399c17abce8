using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs;

/// <summary>Measures a trained pair against the world's judge.</summary>
internal sealed class TrainingReport(TrainingData data, Tokenizer tokenizer, TextWriter output)
{
    private const int PromptCount = 256;
    private const int MaxResponseTokens = 96;
    private const int GroupCount = 200;

    /// <summary>Writes what the policy samples, and how often the reward model orders pairs rightly.</summary>
    public void Write(TransformerDecoder policy, RewardNetwork reward, int endId, int seed, CancellationToken cancellation)
    {
        // 1. The policy's own samples.
        var prompts = SupportDesk.TuningPrompts(PromptCount, seed);
        var responses = TrainingSampler.Sample(
            policy, [.. prompts.Select(prompt => data.EncodePrompt(null, prompt.Text))], endId, MaxResponseTokens, seed, cancellation);
        var judgements = prompts.Zip(responses, (prompt, response) => Judge.Assess(prompt, tokenizer.Decode(response))).ToArray();
        output.WriteLine($"Policy, {PromptCount} samples on tuning prompts: "
            + $"bad slots {judgements.Average(judgement => SupportDesk.SlotCount - judgement.GoodSlots) / SupportDesk.SlotCount:P1}, "
            + $"all good {Share(judgements, judgement => judgement.AllGood)}, "
            + $"grammatical {Share(judgements, judgement => judgement.Grammatical)}, "
            + $"on topic {Share(judgements, judgement => judgement.OnTopic)}.");

        // 2. The reward model on fresh groups.
        var fresh = new SupportDeskCorpus(seed + 1_000_003);
        var oneSlot = new PairAccuracy();
        var goodOverBad = new PairAccuracy();
        var cleanOverDamaged = new PairAccuracy();
        var bestOverDamagedBest = new PairAccuracy();
        var anyCleanOverDamaged = new PairAccuracy();
        var onTopicOverOff = new PairAccuracy();
        for (var i = 0; i < GroupCount; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var ranking = fresh.NextRanking();
            var rewards = reward.Rewards([.. ranking.Answers.Select(answer => data.Encode(ranking.System, ranking.Prompt, answer.Answer))]);
            var better = ranking.Answers[0].Quality > ranking.Answers[1].Quality ? (0, 1) : (1, 0);
            oneSlot.Add(rewards[better.Item1] > rewards[better.Item2]);
            if (ranking.Answers[4].Quality > ranking.Answers[0].Quality)
            {
                goodOverBad.Add(rewards[4] > rewards[0]);
            }

            cleanOverDamaged.Add(rewards[0] > rewards[5]);
            bestOverDamagedBest.Add(rewards[4] > rewards[6]);
            onTopicOverOff.Add(rewards[0] > rewards[7]);
            foreach (var clean in Enumerable.Range(0, 5).Where(index => ranking.Answers[index].Quality > ranking.Answers[6].Quality))
            {
                anyCleanOverDamaged.Add(rewards[clean] > rewards[6]);
            }
        }

        output.WriteLine(
            $"Reward, {GroupCount} fresh groups, pairs in the right order: one slot better {oneSlot}, all good over others {goodOverBad}, "
            + $"clean over damaged {cleanOverDamaged}, all good over damaged all good {bestOverDamagedBest}, "
            + $"clean over a worse damaged {anyCleanOverDamaged}, on topic over off topic {onTopicOverOff}.");
    }

    private static string Share(Judgement[] judgements, Func<Judgement, bool> holds) =>
        ((double)judgements.Count(holds) / judgements.Length).ToString("P1");
}
