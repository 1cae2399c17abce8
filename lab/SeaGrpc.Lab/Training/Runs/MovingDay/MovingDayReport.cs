using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Lab.Training.Runs.MovingDay;

/// <inheritdoc cref="IStagedReport"/>
internal sealed class MovingDayReport(PromptIds prompts, Tokenizer tokenizer, int seed, TextWriter output) : IStagedReport
{
    private const int PromptCount = 64;
    private const int PairCount = 200;

    private static readonly double[] Nats = [8, 12, 16, 20];
    private const int NeighbourhoodPrompts = 2;

    private readonly MovingDayWorld _world = new();

    /// <summary>Writes what a policy samples at temperature 1, and what is around right answers.</summary>
    /// <inheritdoc/>
    public void WritePolicy(string strength, TransformerDecoder policy, int endId, CancellationToken cancellation)
    {
        PolicySample[] found = PolicySample.Draw(
            _world, PromptCount, text => prompts.EncodePrompt(null, text), tokenizer, policy, endId, seed, cancellation);
        bool[][] met = [.. found.Select(one =>
            MovingReader.Requirements(MovingSlip.Of(one.Prompt.Text), WordText.Split(one.Answer)))];
        output.WriteLine(
            $"Policy {strength}, {PromptCount} samples: "
                + string.Join(
                    ", ", Enum.GetValues<FactKind>().Select(kind => $"{kind} right {met.Average(one => one[(int)kind] ? 1.0 : 0):P1}"))
                + $", grammatical {found.Average(one => one.Assessment.Grammatical ? 1.0 : 0):P1}, "
                + $"all good {found.Average(one => one.Assessment.AllGood ? 1.0 : 0):P1}.");
        WriteNeighbourhood(policy, cancellation);
    }

    /// <summary>Writes how often the reward model finds each kind of error, and by how much.</summary>
    /// <inheritdoc/>
    public void WriteReward(RewardNetwork reward, CancellationToken cancellation)
    {
        var data = new MovingDayData(prompts, tokenizer, seed);
        var fresh = new MovingDayCorpus(seed + 1_000_003, tuning: true);
        foreach (string error in _world.DraftErrors)
        {
            (MovingAnswer Better, MovingAnswer Worse)[] pairs = [.. Enumerable.Range(0, PairCount).Select(_ => fresh.NextPair(error))];
            double[] rewards = BatchedRewards.Of(
                reward, pairs.SelectMany(pair => new[] { pair.Better, pair.Worse }).Select(data.Encode), cancellation);
            double[] gaps = [.. rewards.Chunk(2).Select(pair => pair[0] - pair[1]).Order()];
            var accuracy = new PairAccuracy();
            foreach (double gap in gaps)
            {
                accuracy.Add(gap > 0);
            }

            output.WriteLine(
                $"Reward, flawless over {error}: {accuracy}; by {gaps.Average():F2} on average, "
                    + $"by {gaps[PairCount / 20]:F2} in all but 5 %.");
        }
    }

    // How many texts are one edit away from right answers and not much less likely.
    private void WriteNeighbourhood(TransformerDecoder policy, CancellationToken cancellation)
    {
        var neighbourhood = new Neighbourhood(new MovingDayData(prompts, tokenizer, seed), policy, seed);
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
