using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training.Runs.MovingDay;

/// <summary>
/// How many texts are one edit away from a right answer and not much less likely by the policy. Edits replace or insert one word of the
/// language, or one sentence of the grammar. Their number is estimated from a random sample of each kind.
/// </summary>
/// <param name="data">Encodes answers.</param>
/// <param name="policy">The policy.</param>
/// <param name="seed">Seed of the samples.</param>
internal sealed class Neighbourhood(MovingDayData data, TransformerDecoder policy, int seed)
{
    private const int Samples = 400;
    private const int BatchSize = 50;

    private static readonly double[] SentenceCounts =
        [.. MovingPlan.Sentences.Select(places => places.Aggregate(1.0, (count, place) => count * place.Words.Count))];

    private readonly SeededRandom _random = new((ulong)seed);

    /// <summary>The estimated numbers of edits within some nats of a right answer.</summary>
    /// <param name="prompt">A prompt of the world.</param>
    /// <param name="nats">How much less likely, at most.</param>
    /// <returns>Edits of words and edits of sentences for each number of nats, and the answer's number of tokens.</returns>
    public (double[] Words, double[] Sentences, int Tokens) Count(WorldPrompt prompt, IReadOnlyList<double> nats)
    {
        List<string[]> right = MovingWriter.Write(MovingSlip.Of(prompt.Text).Facts, _random);
        string[] words = [.. right.SelectMany(sentence => sentence)];
        double own = LogProbabilities(prompt, [words])[0];
        double sentences = SentenceCounts.Sum();
        double replacedSentences = right.Count * sentences;
        double insertedSentences = (right.Count + 1) * sentences;
        return (
            Add(
                Within(words.Length * (MovingPlan.AllWords.Length - 1.0), ReplacedWord),
                Within((words.Length + 1.0) * MovingPlan.AllWords.Length, InsertedWord)),
            Add(
                Within(replacedSentences, () => WithSentence(replaces: true)),
                Within(insertedSentences, () => WithSentence(replaces: false))),
            words.Length + 1);

        double[] Within(double all, Func<string[]> draw)
        {
            double[] found = LogProbabilities(prompt, [.. Enumerable.Range(0, Samples).Select(_ => draw())]);
            return [.. nats.Select(most => all * found.Count(value => value > own - most) / Samples)];
        }

        string[] ReplacedWord()
        {
            string[] changed = [.. words];
            int at = _random.Next(changed.Length);
            while (changed[at] == words[at])
            {
                changed[at] = _random.Pick(MovingPlan.AllWords);
            }

            return changed;
        }

        string[] InsertedWord()
        {
            int at = _random.Next(words.Length + 1);
            return [.. words[..at], _random.Pick(MovingPlan.AllWords), .. words[at..]];
        }

        string[] WithSentence(bool replaces)
        {
            int at = _random.Next(right.Count + (replaces ? 0 : 1));
            double drawn = _random.NextDouble() * sentences;
            int kind = 0;
            for (; drawn > SentenceCounts[kind]; kind++)
            {
                drawn -= SentenceCounts[kind];
            }

            string[] sentence = [.. MovingPlan.Sentences[kind].Select(place => _random.Pick(place.Words))];
            return [.. right.Take(at).Append(sentence).Concat(right.Skip(replaces ? at + 1 : at)).SelectMany(one => one)];
        }
    }

    private static double[] Add(double[] first, double[] second) => [.. first.Zip(second, (one, other) => one + other)];

    private double[] LogProbabilities(WorldPrompt prompt, IReadOnlyList<string[]> answers)
    {
        MovingSlip slip = MovingSlip.Of(prompt.Text);
        return
        [
            .. answers.Chunk(BatchSize).SelectMany(chunk =>
                Read([.. chunk.Select(words => data.Encode(MovingAnswer.Of(null, prompt.Text, slip, words)))])),
        ];
    }

    private double[] Read(TrainingSequence[] sequences)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var batch = new PaddedBatch(sequences);
        (Tensor indices, Tensor targets) = batch.ResponseTargets();
        Tensor logits = policy.Logits(policy.Forward(policy.Embed(batch.Ids)).flatten(0, 1).index_select(0, indices));
        float[] own = nn.functional.log_softmax(logits, -1).gather(1, targets.unsqueeze(1)).data<float>().ToArray();
        int read = 0;
        return
        [
            .. sequences.Select(sequence =>
            {
                int count = sequence.Ids.Length - sequence.ResponseStart;
                read += count;
                return own.Skip(read - count).Take(count).Sum(value => (double)value);
            }),
        ];
    }
}
