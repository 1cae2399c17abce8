using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>SEA's own sampler (section 3 of the paper): Langevin dynamics on the logits of every chain.</summary>
/// <remarks>
/// One iteration:
/// 1. The gradient of the energy at the hard tokens, on smoothed embeddings where asked for.
/// 2. Through the straight-through softmax, dU/dY.
/// 3. A Langevin step on Y.
/// 4. Decode by argmax.
/// 5. Score the hard tokens exactly. Without smoothing noise that takes the passes that the next gradient takes, which is
/// therefore computed along with it.
/// Steps 2 and 3 run over pieces of the positions, so that no second tensor of Y's size is needed for the gradient.
/// </remarks>
internal sealed class LangevinSampler : ISeaSampler
{
    private readonly RunContext context;
    private readonly SeaParameters parameters;
    private readonly Tensor logits;
    private readonly LangevinStep step;
    private readonly ChainScores scores;
    private readonly bool scoresByGradient;
    private HardResponses rows;
    private EnergyGradient? next;
    private int done;

    /// <summary>Makes the chains' logits from their drafts.</summary>
    public LangevinSampler(RunContext context, SeaParameters parameters, HardResponses drafts)
    {
        this.context = context;
        this.parameters = parameters;
        logits = ChainLogits.Initialise(context, parameters, drafts);
        step = new LangevinStep(parameters, logits.shape[0] * logits.shape[1], logits.shape[2], logits.device, context.Generator);
        scores = new ChainScores(context, parameters);
        scoresByGradient = parameters is { EmbeddingNoise: 0, RewardWeight: not 0 } && parameters.Reference != SeaReference.None;
        rows = Decode();
    }

    public IReadOnlyList<SampledChain> Start() => [.. Score().Select(row => new SampledChain(row, null))];

    public IReadOnlyList<SampledChain> Iterate()
    {
        double[] norms = Move();
        rows = Decode();
        done++;
        return [.. Score().Select((row, chain) => new SampledChain(row, norms[chain]))];
    }

    public Tensor? Guide() => logits.DividedBy(parameters.Temperature);

    public void Dispose()
    {
        logits.Dispose();
        step.Dispose();
        scores.Dispose();
        next?.Dispose();
    }

    private double[] Move()
    {
        using var scope = NewDisposeScope();
        // 1. The gradient at the hard tokens.
        using EnergyGradient gradient = next ?? Gradient();
        next = null;
        using var noGrad = no_grad();
        Tensor flat = logits.view(-1, logits.shape[2]);
        List<Tensor> squares = [];
        step.BeginIteration();
        foreach ((long start, long count) in PositionChunks.ForProducts(flat.shape[0], flat.shape[1]))
        {
            using var chunk = NewDisposeScope();
            Tensor relaxed = gradient.OverVocabulary(start, count);
            foreach ((long first, long size) in PositionChunks.InCache(count, flat.shape[1]))
            {
                using var part = NewDisposeScope();
                Tensor piece = flat.narrow(0, start + first, size);
                // 2. Through the softmax.
                Tensor descent = StraightThrough.Backward(piece, relaxed.narrow(0, first, size), parameters.Temperature);
                squares.Add(descent.Squared().sum(-1).MoveToOuterDisposeScope().MoveToOuterDisposeScope());
                // 3. A Langevin step.
                step.Apply(piece, descent, gradient.Active.narrow(0, start + first, size), start + first);
            }
        }

        return Norms(cat(squares));
    }

    private double[] Norms(Tensor squares)
    {
        double[] norms = [.. squares.view(rows.Rows, rows.Positions).sum(-1).sqrt().cpu().data<float>().Select(value => (double)value)];
        int broken = Array.FindIndex(norms, norm => !double.IsFinite(norm));
        return broken < 0
            ? norms
            : throw new NumericFailureException(
                $"The gradient of chain {broken} is not finite: use float32, a smaller step size or a smaller reward weight.");
    }

    // 4. Argmax.
    private HardResponses Decode()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new HardResponses(logits.argmax(-1).flatten().cpu().data<long>().ToArray(), (int)logits.shape[0], context.Models.IsEos);
    }

    // 5. The exact energy; no gradient follows the last iteration.
    private IReadOnlyList<ScoredRow> Score()
    {
        if (!scoresByGradient || done >= parameters.Iterations)
        {
            return scores.Score(rows, logits);
        }

        next = Gradient();
        return scores.Score(next, rows, logits);
    }

    private EnergyGradient Gradient() => EnergyGradient.At(context.Models, context.Prompt, rows, parameters, context.Generator, context.Cost);
}
