using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>Trains a language model by next-token cross-entropy on responses. It knows ids alone, no text and no world.</summary>
public static class PolicyTrainer
{
    private const int BatchesPerDraw = 8;

    /// <summary>Trains the weights in place, in fp32.</summary>
    /// <param name="decoder">The model, with an output projection.</param>
    /// <param name="next">Draws the next example.</param>
    /// <param name="options">Length and speed; the batch size counts sequences.</param>
    /// <param name="progress">Called for every step, or null.</param>
    /// <param name="cancellation">Ends training between two steps.</param>
    public static void Train(
        TransformerDecoder decoder,
        Func<TrainingSequence> next,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(options);
        using var optimiser = new AdamW(decoder.Leaves());
        var step = 0;
        foreach (var batch in LengthBuckets.Draw(next, options.BatchSize, BatchesPerDraw, options.Seed).Take(options.Steps))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var padded = new PaddedBatch(batch);
            var (indices, targets) = padded.ResponseTargets();
            var hidden = decoder.Forward(decoder.Embed(padded.Ids)); // [rows, length, hidden]
            var logits = decoder.Logits(hidden.flatten(0, 1).index_select(0, indices)); // [targets, vocabulary]
            var loss = nn.functional.cross_entropy(logits, targets);
            loss.backward();
            optimiser.Step(options.RateAt(step));
            progress?.Report(new TrainingProgress(++step, options.Steps, loss.item<float>()));
        }
    }
}
