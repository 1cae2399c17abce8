using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// Simple Energy Adaptation, "Inference-time Alignment in Continuous Space" (arXiv 2505.20081), as a state machine.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for both models.
/// 2. Score the caller's draft, which is the answer from then on. Sample drafts from the policy. Choose the chains' starts
///    (<see cref="SeaDrafts"/>).
/// 3. Create the chains' logits, whose argmax is the drafts, and score the drafts.
/// 4. Iterate the sampler and keep the best response. Stop at the last iteration or on a plateau.
/// 5. If requested, decode one more candidate per chain, guided by the logits.
/// Additions to the paper are parameters, all off in the paper's preset: Adam (from COLD), and ours: smoothing noise on the embeddings,
/// selection by energy, keeping the best response, fixed lengths.
/// </remarks>
internal sealed class SeaRun(AlignmentModels models, AlignmentTask task, SeaParameters parameters) : IAlignmentRun
{
    private readonly RunContext _context = new(models, task);
    private SeaDrafts? _drafting;
    private ResponseSampler? _guided;
    private ISeaSampler? _sampler;
    private BestResponse? _best;
    private IReadOnlyList<int>[] _drafts = [];
    private int _iteration;
    private int _lastImprovement;
    private double _improvedEnergy;
    private bool _converged;
    private bool _guidedDone;

    public bool IsFinished => IsDraftForeign
        || ((_converged || _iteration >= parameters.Iterations) && (_guidedDone || !parameters.GuidedDecode));

    public StopReason FinishReason => IsDraftForeign ? StopReason.DraftNotUnderstood
        : _converged ? StopReason.Converged : StopReason.Iterations;

    public bool HasResponse => _best is not null;

    private bool IsDraftForeign => _context.IsDraftForeign;

    public AlignmentUpdate? Advance()
    {
        if (!_context.HasPrompt)
        {
            // 1. Prefill.
            if (!_context.Prefill())
            {
                return null;
            }

            if (parameters.Sampler == SeaSampler.GradientFlips)
            {
                _context.Prompt.KeepReading();
            }

            _drafting = new SeaDrafts(_context, parameters);
            return null;
        }

        if (_drafting is not null)
        {
            // 2. The caller's draft, then one token of every sample.
            IReadOnlyList<(int[] Tokens, bool Ended)>? starts = _drafting.Advance();
            _best ??= _drafting.Given is { } given ? new BestResponse(parameters, _context.Floor, [], given, []) : null;
            return IsDraftForeign ? KeepDraft() : starts is null ? null : Begin(starts);
        }

        return _iteration < parameters.Iterations && !_converged ? Iterate() : GuidedStep();
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        BestResponse result = _best ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, result.Response, result.Draft, result.Chain, result.Iteration, _iteration, _context.Cost.Cost);
    }

    public void Dispose()
    {
        _drafting?.Dispose();
        _guided?.Dispose();
        _sampler?.Dispose();
        _context.Dispose();
    }

    // 2. The answer is the caller's draft, with which every chain would have begun.
    private DraftUpdate KeepDraft()
    {
        var start = new SampledChain(new ScoredRow(_best!.Draft, null), null);
        SampledChain[] chains = [.. Enumerable.Repeat(start, parameters.Chains)];
        _drafts = [.. chains.Select(chain => chain.Row.Response.Tokens)];
        return new DraftUpdate(Snapshots(chains), _best.Draft);
    }

    // 3. Logits and scores of the drafts.
    private DraftUpdate Begin(IReadOnlyList<(int[] Tokens, bool Ended)> starts)
    {
        HardResponses start = _context.Rows(starts);
        _sampler = parameters.Sampler switch
        {
            SeaSampler.Langevin => new LangevinSampler(_context, parameters, start),
            SeaSampler.GradientFlips => new SubstitutionSampler(_context, parameters, start),
            _ => throw new InvalidOperationException($"There is no sampler {parameters.Sampler}."),
        };
        IReadOnlyList<SampledChain> chains = _sampler.Start();
        _drafts = [.. chains.Select(chain => chain.Row.Response.Tokens)];
        // A draft that starts a chain has that chain's scores: a pass over several rows may round differently from a pass over one.
        ScoredResponse? given = _drafting!.Given is { } alone
            ? chains.Select(chain => chain.Row.Response).FirstOrDefault(start => start.Tokens.SequenceEqual(alone.Tokens)) ?? alone
            : null;
        _context.CompareWith(given ?? chains.Select(chain => chain.Row.Response).MaxBy(response => response.Reward)!);
        _best = new BestResponse(parameters, _context.Floor, chains, given, _drafting.Others);
        _drafting.Dispose();
        _drafting = null;
        _improvedEnergy = _best.Response.Energy;
        return new DraftUpdate(Snapshots(chains), _best.Draft);
    }

    // 4. One iteration over all chains.
    private IterationUpdate Iterate()
    {
        IReadOnlyList<SampledChain> chains = Stopped(_sampler!.Iterate());
        _iteration++;
        _best!.Consider(chains, _iteration);
        NotePlateau();
        return new IterationUpdate(_iteration, parameters.Iterations, Snapshots(chains), _best.Response);
    }

    private void NotePlateau()
    {
        if (_best!.Response.Energy < _improvedEnergy - parameters.PlateauTolerance)
        {
            _improvedEnergy = _best.Response.Energy;
            _lastImprovement = _iteration;
        }

        _converged = parameters.PlateauIterations > 0 && _iteration - _lastImprovement >= parameters.PlateauIterations;
    }

    // 5. One token of the guided candidates.
    private IterationUpdate? GuidedStep()
    {
        if (_guided is null)
        {
            if (_sampler!.Guide() is not { } guide)
            {
                _guidedDone = true;
                return null;
            }

            _guided = new ResponseSampler(_context, parameters.Chains, guide);
        }

        if (!_guided.IsFinished)
        {
            _guided.Step();
            return null;
        }

        _guidedDone = true;
        SampledChain[] chains = [.. _context.Score(_guided.Responses()).Select(row => new SampledChain(row, null))];
        _best!.Consider(chains, _iteration);
        return new IterationUpdate(_iteration, parameters.Iterations, Snapshots(chains), _best.Response);
    }

    /// <summary>Chains whose responses end before the first stop string. The sampler moves on from the whole ones.</summary>
    private IReadOnlyList<SampledChain> Stopped(IReadOnlyList<SampledChain> chains)
    {
        if (task.Stops is null)
        {
            return chains;
        }

        var scored = new Queue<ScoredResponse>(_context.Stopped(
            [.. chains.SelectMany(chain => chain.Left.Prepend(chain.Row.Response))]));
        return
        [
            .. chains.Select(chain =>
            {
                ScoredResponse own = scored.Dequeue();
                float[]? divergences = own.StopString is null
                    ? chain.Row.KlPerToken
                    : chain.Row.KlPerToken?[..Math.Min(chain.Row.KlPerToken.Length, own.Tokens.Count + 1)];
                return chain with
                {
                    Row = new ScoredRow(own, divergences),
                    Left = [.. chain.Left.Select(_ => scored.Dequeue())],
                };
            }),
        ];
    }

    private ChainSnapshot[] Snapshots(IReadOnlyList<SampledChain> chains) =>
        [.. chains.Select((chain, index) => new ChainSnapshot
        {
            Chain = index,
            Response = chain.Row.Response,
            KlPerToken = chain.Row.KlPerToken,
            KlToReference = chain.Row.KlPerToken is { Length: > 0 } own ? own.Average() : null,
            GradientNorm = chain.GradientNorm,
            ChangedTokens = TokenChanges.Count(_drafts[index], chain.Row.Response.Tokens),
        })];
}
