using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs.MovingDay;

/// <summary>Measures trained models against the world's judge, on combinations that neither training nor evaluation uses.</summary>
internal sealed class MovingDayReport(PromptIds prompts, Tokenizer tokenizer, int seed, TextWriter output)
{
    private const int PromptCount = 64;
    private const int PairCount = 100;
    private const int BatchSize = 100;

    private static readonly double[] Nats = [8, 12, 16, 20];
    private const int NeighbourhoodPrompts = 2;

    private readonly MovingDayWorld _world = new();

    /// <summary>Writes what the policy samples at temperature 1.</summary>
    public void WritePolicy(TransformerDecoder policy, int endId, CancellationToken cancellation)
    {
        IReadOnlyList<WorldPrompt> asked = _world.TuningPrompts(PromptCount, seed);
        int[][] responses = TrainingSampler.Sample(
            policy, [.. asked.Select(prompt => prompts.EncodePrompt(null, prompt.Text))], endId, _world.MaxResponseTokens, seed,
            cancellation);
        string[] answers = [.. responses.Select(response => tokenizer.Decode(response))];
        Assessment[] found = [.. asked.Zip(answers, _world.Assess)];
        bool[][] met = [.. asked.Zip(answers, (prompt, answer) =>
            MovingReader.Requirements(MovingSlip.Of(prompt.Text), WordText.Split(answer)))];
        output.WriteLine(
            $"Policy, {PromptCount} samples: "
                + string.Join(
                    ", ", Enum.GetValues<FactKind>().Select(kind => $"{kind} right {met.Average(one => one[(int)kind] ? 1.0 : 0):P1}"))
                + $", grammatical {found.Average(one => one.Grammatical ? 1.0 : 0):P1}, "
                + $"all good {found.Average(one => one.AllGood ? 1.0 : 0):P1}.");
    }

    /// <summary>Writes how often the reward model finds each kind of error, and by how much.</summary>
    public void WriteReward(RewardNetwork reward, MovingDayData data, CancellationToken cancellation)
    {
        var fresh = new MovingDayCorpus(seed + 1_000_003, tuning: true);
        foreach (string error in _world.DraftErrors)
        {
            var accuracy = new PairAccuracy();
            List<double> gaps = [];
            (MovingAnswer Better, MovingAnswer Worse)[] pairs = [.. Enumerable.Range(0, PairCount).Select(_ => fresh.NextPair(error))];
            foreach ((MovingAnswer Better, MovingAnswer Worse)[] batch in pairs.Chunk(BatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                float[] better = reward.Rewards([.. batch.Select(pair => data.Encode(pair.Better))]);
                float[] worse = reward.Rewards([.. batch.Select(pair => data.Encode(pair.Worse))]);
                foreach ((float good, float bad) in better.Zip(worse))
                {
                    accuracy.Add(good > bad);
                    gaps.Add(good - bad);
                }
            }

            gaps.Sort();
            output.WriteLine(
                $"Reward, flawless over {error}: {accuracy}; by {gaps.Average():F2} on average, "
                    + $"by {gaps[PairCount / 20]:F2} in all but 5 %.");
        }
    }

    /// <summary>Writes how many texts are one edit away from right answers and not much less likely.</summary>
    public void WriteNeighbourhood(TransformerDecoder policy, MovingDayData data, CancellationToken cancellation)
    {
        var neighbourhood = new Neighbourhood(data, policy, seed);
        List<(double[] Words, double[] Sentences, int Tokens)> counted = [];
        foreach (WorldPrompt prompt in _world.TuningPrompts(NeighbourhoodPrompts, seed))
        {
            cancellation.ThrowIfCancellationRequested();
            counted.Add(neighbourhood.Count(prompt, Nats));
        }

        foreach ((int index, double nats) in Nats.Index())
        {
            output.WriteLine(
                $"Texts one edit from a right answer of {counted.Average(one => one.Tokens):F0} tokens, at most {nats} nats less likely: "
                    + $"{counted.Average(one => one.Words[index]):F0} by words, "
                    + $"{counted.Average(one => one.Sentences[index]):F0} by sentences.");
        }
    }
}
