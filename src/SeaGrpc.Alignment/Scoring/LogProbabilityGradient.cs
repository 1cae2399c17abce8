using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Scoring;

/// <summary>
/// The gradient of a language model's log-probability at hard tokens, in the parts that the vocabulary-wide gradient consists of: d log
/// pi(y) / d y_t = log p_t + E g_t, where g_t is the gradient at the input embedding. Owns its tensors.
/// </summary>
internal sealed class LogProbabilityGradient : IDisposable
{
    private readonly Tensor _embeddings;
    private readonly Tensor? _gradient;

    private LogProbabilityGradient(Tensor predictions, float[] own, Tensor? gradient, Tensor embeddings)
    {
        Predictions = predictions;
        LogProbabilities = own;
        _gradient = gradient;
        _embeddings = embeddings;
    }

    /// <summary>log p [rows * positions, vocabulary], fp32.</summary>
    public Tensor Predictions { get; }

    /// <summary>log p of the tokens themselves [rows * positions], in nats.</summary>
    public IReadOnlyList<float> LogProbabilities { get; }

    /// <summary>Computes the gradient with one forward pass, and one backward pass to the inputs if requested.</summary>
    /// <param name="reading">The model after the prompt.</param>
    /// <param name="rows">The hard tokens.</param>
    /// <param name="toInputs">Whether tokens also count as inputs of later positions.</param>
    /// <param name="smoothing">The noise on the embeddings.</param>
    /// <param name="forward">Counts the positions of the forward pass.</param>
    /// <param name="backward">Counts the positions of the backward pass.</param>
    public static LogProbabilityGradient Of(
        PolicyReading reading, HardResponses rows, bool toInputs, EmbeddingSmoothing smoothing, Action<long> forward, Action<long> backward)
    {
        using var scope = NewDisposeScope();
        var decoder = reading.Decoder;
        Tensor ids = ResponseScorer.Ids(rows.Tokens, rows.Rows, decoder);
        bool full = toInputs && rows.Positions > 1;
        using var noGrad = no_grad();
        Tensor inputs = smoothing.Apply(decoder.Embed(ids.narrow(1, 0, rows.Positions - 1)), decoder);
        if (rows.Positions > 1)
        {
            forward((long)rows.Rows * (rows.Positions - 1));
        }

        using RecordedPass? recorded = full ? reading.Record(inputs) : null;
        Tensor hidden = recorded is null ? reading.Hidden(inputs) : reading.WithFirst(recorded.Hidden);
        (Tensor predictions, float[] own, Tensor? atHidden) = Predicted(reading, rows, hidden, full);
        Tensor? gradient = null;
        if (recorded is not null)
        {
            backward((long)rows.Rows * (rows.Positions - 1));
            // The prompt predicts the first token, and gets no gradient. The last position is the target of the one before, but not an
            // input of any.
            gradient = nn.functional.pad(recorded.Backward(atHidden!.narrow(1, 1, rows.Positions - 1)), [0, 0, 0, 1]).flatten(0, 1);
        }

        return new LogProbabilityGradient(
            predictions.DetachFromDisposeScope(), own, gradient?.DetachFromDisposeScope(), decoder.EmbeddingWeight);
    }

    /// <summary>
    /// The same after layers that the model has in common with another one, which has read the tokens before each row's end. The part
    /// through the inputs is left to the caller.
    /// </summary>
    /// <param name="reading">The model after the prompt.</param>
    /// <param name="rows">The hard tokens; at least two positions.</param>
    /// <param name="states">
    /// States above these layers [rows, any number of positions, hidden]. What follows a row's end does not matter.
    /// </param>
    /// <param name="toInputs">Whether tokens also count as inputs of later positions.</param>
    /// <param name="forward">Counts the positions of the forward pass.</param>
    /// <param name="backward">Counts the positions of the backward pass.</param>
    /// <returns>
    /// The part without inputs, and the gradient at the first of the states, a tensor of the caller's scope, if tokens count as inputs.
    /// </returns>
    public static (LogProbabilityGradient Part, Tensor? AtStates) Above(
        PolicyReading reading, HardResponses rows, Tensor states, bool toInputs, Action<long> forward, Action<long> backward)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        long inputs = rows.Positions - 1;
        long count = Math.Min(inputs, states.shape[1]);
        Tensor read = states.narrow(1, 0, count);
        forward(rows.Rows * inputs);
        using RecordedPass? recorded = toInputs ? reading.Decoder.RecordAbove(read, reading.Cache) : null;
        Tensor hidden = reading.WithFirst(recorded?.Hidden ?? reading.Decoder.ForwardAbove(read, reading.Cache));
        (Tensor predictions, float[] own, Tensor? atHidden) = Predicted(
            reading, rows, nn.functional.pad(hidden, [0, 0, 0, inputs - count]), toInputs);
        Tensor? atStates = null;
        if (recorded is not null)
        {
            backward(rows.Rows * inputs);
            atStates = recorded.Backward(atHidden!.narrow(1, 1, count)).MoveToOuterDisposeScope();
        }

        return (new LogProbabilityGradient(predictions.DetachFromDisposeScope(), own, null, reading.Decoder.EmbeddingWeight), atStates);
    }

    // From the hidden states that predict each position [rows, positions, hidden]: log p [rows * positions, vocabulary], that of the
    // tokens, and the gradient at these states, in their shape.
    private static (Tensor Predictions, float[] Own, Tensor? AtHidden) Predicted(
        PolicyReading reading, HardResponses rows, Tensor hidden, bool full)
    {
        using var scope = NewDisposeScope();
        var decoder = reading.Decoder;
        Tensor active = tensor(rows.ActiveMask(), device: decoder.Device).view(-1, 1);
        Tensor ids = ResponseScorer.Ids(rows.Tokens, rows.Rows, decoder);
        Tensor states = hidden.flatten(0, 1);
        Tensor logProbabilities = empty([states.shape[0], decoder.Config.VocabularySize], ScalarType.Float32, decoder.Device);
        Tensor? hiddenGradient = full ? zeros_like(states) : null;
        Tensor targets = ids.flatten();
        List<Tensor> chosen = [];
        foreach ((long start, long count) in PositionChunks.ForProducts(states.shape[0], decoder.Config.VocabularySize))
        {
            using var chunk = NewDisposeScope();
            // Becomes the probabilities, each multiplied by the slope of its logit.
            Tensor logits = ModelPasses.Logits(decoder, states.narrow(0, start, count)).to(ScalarType.Float32);
            Tensor target = targets.narrow(0, start, count).unsqueeze(1);
            Tensor? targetSlope = decoder.LogitSlope(logits.gather(1, target));
            foreach ((long first, long size) in PositionChunks.InCache(count, decoder.Config.VocabularySize))
            {
                using var piece = NewDisposeScope();
                Tensor part = logits.narrow(0, first, size);
                Tensor? slope = hiddenGradient is null ? null : decoder.LogitSlope(part);
                if (reading.Temperature != 1)
                {
                    part.copy_(part.DividedBy(reading.Temperature));
                }

                Tensor own = logProbabilities.narrow(0, start + first, size);
                if (decoder.Config.LogitSoftCap is null && VocabularyKernels.Serve(part))
                {
                    VocabularyKernels.Softmax(part, own);
                    continue;
                }

                own.copy_(nn.functional.log_softmax(part, -1));
                if (hiddenGradient is not null)
                {
                    Tensor probabilities = own.exp();
                    part.copy_(slope is null ? probabilities : probabilities.mul_(slope));
                }
            }

            chosen.Add(logProbabilities.narrow(0, start, count).gather(1, target).flatten().MoveToOuterDisposeScope());
            if (hiddenGradient is not null)
            {
                // d log p(target) / d hidden = s[target] W[target] - (p s) W, where s is the slope of the logits, or 1 if they are not
                // capped. No autograd over the vocabulary is needed.
                Tensor own = decoder.OutputWeight.index_select(0, target.flatten());
                Tensor difference = (targetSlope is null ? own : own * targetSlope.to(decoder.Dtype))
                    - MatrixProducts.Gradient(logits.to(decoder.Dtype), decoder.OutputWeight);
                hiddenGradient.narrow(0, start, count).copy_((difference * active.narrow(0, start, count)).Tempered(reading.Temperature));
            }
        }

        return (
            logProbabilities.MoveToOuterDisposeScope(),
            cat(chosen).cpu().data<float>().ToArray(),
            hiddenGradient?.view(hidden.shape).MoveToOuterDisposeScope());
    }

    /// <summary>factor E g of a range of positions [count, vocabulary], fp32; null if tokens count only as targets.</summary>
    public Tensor? ThroughInputs(long start, long count, double factor) => _gradient is null
        ? null
        : MatrixProducts.Linear(_gradient.narrow(0, start, count).Times(factor), _embeddings).to(ScalarType.Float32);

    /// <summary>Keeps the first positions of each row and disposes the rest.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="positions">Number of positions to keep.</param>
    public LogProbabilityGradient Narrow(int rows, int positions)
    {
        Tensor Kept(Tensor tensor) => tensor.view(rows, -1, tensor.shape[1]).narrow(1, 0, positions).flatten(0, 1).DetachFromDisposeScope();
        using (this)
        {
            float[] own = [.. LogProbabilities.Chunk(LogProbabilities.Count / rows).SelectMany(row => row.Take(positions))];
            return new LogProbabilityGradient(Kept(Predictions), own, _gradient is null ? null : Kept(_gradient), _embeddings);
        }
    }

    public void Dispose()
    {
        Predictions.Dispose();
        _gradient?.Dispose();
    }
}
