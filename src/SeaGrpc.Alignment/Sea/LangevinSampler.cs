using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Sea;

/// <summary>SEA's own sampler (section 3 of the paper): Langevin dynamics on the logits of every chain.</summary>
/// <remarks>
/// One iteration:
/// 1. The gradient of the energy at the hard tokens, on smoothed embeddings if requested.
/// 2. Through the straight-through softmax, dU/dY.
/// 3. A Langevin step on Y.
/// 4. Decode by argmax.
/// 5. Score the hard tokens exactly. Without smoothing noise this needs the same passes as the next gradient, so both are computed
///    together.
/// Steps 2 and 3 process chunks of the positions, so that the gradient needs no second tensor of Y's size.
/// </remarks>
internal sealed class LangevinSampler : ISeaSampler
{
    private readonly RunContext _context;
    private readonly SeaParameters _parameters;
    private readonly Tensor _logits;
    private readonly LangevinStep _step;
    private readonly ChainScores _scores;
    private readonly bool _scoresByGradient;
    private HardResponses _rows;
    private EnergyGradient? _next;
    private int _done;

    /// <summary>Creates the chains' logits from their drafts.</summary>
    public LangevinSampler(RunContext context, SeaParameters parameters, HardResponses drafts)
    {
        _context = context;
        _parameters = parameters;
        _logits = ChainLogits.Initialise(context, parameters, drafts);
        _step = new LangevinStep(parameters, _logits.shape[0] * _logits.shape[1], _logits.shape[2], _logits.device, context.Generator);
        _scores = new ChainScores(context, parameters);
        _scoresByGradient = parameters is { EmbeddingNoise: 0, RewardWeight: not 0 } && parameters.Reference != SeaReference.None;
        _rows = Decode();
    }

    public IReadOnlyList<SampledChain> Start() => [.. Score().Select(row => new SampledChain(row, null))];

    public IReadOnlyList<SampledChain> Iterate()
    {
        double[] norms = Move();
        _rows = Decode();
        _done++;
        return [.. Score().Select((row, chain) => new SampledChain(row, norms[chain]))];
    }

    public Tensor? Guide() => _logits.DividedBy(_parameters.Temperature);

    public void Dispose()
    {
        _logits.Dispose();
        _step.Dispose();
        _scores.Dispose();
        _next?.Dispose();
    }

    private double[] Move()
    {
        using var scope = NewDisposeScope();
        // 1. The gradient at the hard tokens.
        using EnergyGradient gradient = _next ?? Gradient();
        _next = null;
        using var noGrad = no_grad();
        Tensor flat = _logits.view(-1, _logits.shape[2]);
        List<Tensor> squares = [];
        _step.BeginIteration();
        foreach ((long start, long count) in PositionChunks.ForProducts(flat.shape[0], flat.shape[1]))
        {
            using var chunk = NewDisposeScope();
            Tensor relaxed = gradient.OverVocabulary(start, count);
            foreach ((long first, long size) in PositionChunks.InCache(count, flat.shape[1]))
            {
                using var part = NewDisposeScope();
                Tensor piece = flat.narrow(0, start + first, size);
                // 2. Through the softmax.
                Tensor descent = StraightThrough.Backward(piece, relaxed.narrow(0, first, size), _parameters.Temperature);
                squares.Add(descent.Squared().sum(-1).MoveToOuterDisposeScope().MoveToOuterDisposeScope());
                // 3. A Langevin step.
                _step.Apply(piece, descent, gradient.Active.narrow(0, start + first, size), start + first);
            }
        }

        return Norms(cat(squares));
    }

    private double[] Norms(Tensor squares)
    {
        double[] norms = [.. squares.view(_rows.Rows, _rows.Positions).sum(-1).sqrt().cpu().data<float>().Select(value => (double)value)];
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
        return new HardResponses(_logits.argmax(-1).flatten().cpu().data<long>().ToArray(), (int)_logits.shape[0], _context.Models.IsEos);
    }

    // 5. The exact energy. No gradient is needed after the last iteration.
    private IReadOnlyList<ScoredRow> Score()
    {
        if (!_scoresByGradient || _done >= _parameters.Iterations)
        {
            return _scores.Score(_rows, _logits);
        }

        _next = Gradient();
        return _scores.Score(_next, _rows, _logits);
    }

    private EnergyGradient Gradient() =>
        EnergyGradient.At(_context.Models, _context.Prompt, _rows, _parameters, _context.Generator, _context.Cost);
}
