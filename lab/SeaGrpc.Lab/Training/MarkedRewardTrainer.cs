using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace SeaGrpc.Lab.Training;

/// <summary>
/// Trains a reward model whose reward is a sum of parts: one linear head for each part at EOS, and further heads, for training
/// alone, at the tokens that decide the parts. It knows ids alone, no text and no world.
/// </summary>
/// <remarks>
/// The parts' heads read one hidden state without a bias, so that their sum is again one linear head: the scoring weight of an
/// ordinary checkpoint. Comparisons alone tell the model that an answer is better, not why; heads at the deciding tokens do.
/// </remarks>
public static class MarkedRewardTrainer
{
    /// <summary>Over this share of the steps the noise grows from none to all: comparing tokens is learnt from clean ones first.</summary>
    private const double NoiseRise = 0.6;

    /// <summary>Trains the weights in place, in fp32.</summary>
    /// <param name="network">The model.</param>
    /// <param name="next">Draws the next response.</param>
    /// <param name="heads">How many scores a response has, and how many facts its marks are about.</param>
    /// <param name="options">Length and speed; the batch size counts responses.</param>
    /// <param name="progress">Called for every step, or null.</param>
    /// <param name="cancellation">Ends training between two steps.</param>
    public static void Train(
        RewardNetwork network,
        Func<MarkedSequence> next,
        (int Scores, int Subjects) heads,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        using var outer = NewDisposeScope();
        using var generator = new Generator((ulong)options.Seed);
        var hidden = network.Decoder.Config.HiddenSize;
        var scoreHeads = randn([heads.Scores, hidden], generator: generator).MultiplyInPlace(0.02);
        var markHeads = randn([heads.Subjects, hidden], generator: generator).MultiplyInPlace(0.02);
        var markBias = zeros([heads.Subjects]);
        using var optimiser = new AdamW([.. network.Decoder.Leaves(), scoreHeads, markHeads, markBias]);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var rows = Enumerable.Range(0, options.BatchSize).Select(_ => next()).ToArray();
            var batch = new PaddedBatch([.. rows.Select(row => row.Sequence)]);
            var level = options.Noise * Math.Min(1, step / (NoiseRise * options.Steps));
            var (marked, states) = Read(
                network.Decoder, EmbeddingNoise.Embed(network.Decoder, batch, generator, level), options.LayersAboveMarks);
            var loss = ScoreLoss(linear(states.index_select(0, batch.LastIndices()), scoreHeads), rows)
                .Plus(MarkLoss(linear(marked, markHeads, markBias), batch, rows));
            loss.backward();
            optimiser.Step(options.RateAt(step));
            progress?.Report(new TrainingProgress(step + 1, options.Steps, loss.item<float>()));
        }

        using var noGrad = no_grad();
        network.Score.copy_(scoreHeads.sum(0, keepdim: true));
    }

    // The states that the marks are read from, normalised, and the last ones, each [rows * length, hidden].
    private static (Tensor Marked, Tensor Last) Read(TransformerDecoder decoder, Tensor embeddings, int layersAbove)
    {
        if (layersAbove == 0)
        {
            var states = decoder.Forward(embeddings).flatten(0, 1);
            return (states, states);
        }

        var layers = decoder.Config.LayerCount;
        var pass = new DecoderPass(embeddings, null);
        var lower = pass.Unpack(decoder.ForwardTogether([pass], 0, layers - layersAbove, ends: false), 0);
        var upper = new DecoderPass(lower, null);
        var last = upper.Unpack(decoder.ForwardTogether([upper], layers - layersAbove, layers, ends: true), 0).flatten(0, 1);
        return (RmsNorm.Apply(lower.flatten(0, 1), ones([decoder.Config.HiddenSize]), decoder.Config), last);
    }

    // Smooth L1 errors of the scores [rows, heads], summed over the heads, averaged over the rows.
    private static Tensor ScoreLoss(Tensor scores, MarkedSequence[] rows)
    {
        var targets = tensor(rows.SelectMany(row => row.Scores).ToArray(), [rows.Length, scores.shape[1]]);
        return smooth_l1_loss(scores, targets, Reduction.Sum).DividedBy(rows.Length);
    }

    // Cross-entropy of the marked facts, averaged over each subject's marks, summed over the subjects; logits [rows * length, subjects].
    private static Tensor MarkLoss(Tensor logits, PaddedBatch batch, MarkedSequence[] rows)
    {
        var subjects = logits.shape[1];
        var counts = rows.SelectMany(row => row.Marks).CountBy(mark => mark.Subject).ToDictionary();
        var indices = new List<long>();
        var targets = new List<float>();
        var weights = new List<float>();
        for (var row = 0; row < rows.Length; row++)
        {
            foreach (var mark in rows[row].Marks)
            {
                indices.Add(((((long)row * batch.Length) + mark.Index) * subjects) + mark.Subject);
                targets.Add(mark.Holds ? 1 : 0);
                weights.Add(1f / counts[mark.Subject]);
            }
        }

        var marked = logits.flatten().index_select(0, tensor(indices));
        return (binary_cross_entropy_with_logits(marked, tensor(targets), reduction: Reduction.None) * tensor(weights)).sum();
    }
}
