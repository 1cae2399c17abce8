using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// Simple Energy Adaptation, "Inference-time Alignment in Continuous Space" (arXiv 2505.20081), as a state machine.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for both models.
/// 2. Score the caller's draft, and from there on answer with it at any moment; sample drafts from the policy; choose where the
///    chains start (<see cref="SeaDrafts"/>).
/// 3. Make the chains' logits, whose argmax is the drafts, and score the drafts.
/// 4. Iterate the sampler; keep the best response; stop at the last iteration or on a plateau.
/// 5. Where asked for, decode one more candidate per chain, guided by the logits.
/// Beyond the paper, each a parameter and all off in the paper's preset: Adam, which is COLD's, and ours: smoothing noise on the embeddings,
/// choice by energy, the best so far, fixed lengths.
/// </remarks>
internal sealed class SeaRun(AlignmentModels models, AlignmentTask task, SeaParameters parameters) : IAlignmentRun
{
    private readonly RunContext context = new(models, task);
    private SeaDrafts? drafting;
    private ResponseSampler? guided;
    private ISeaSampler? sampler;
    private BestResponse? best;
    private IReadOnlyList<int>[] drafts = [];
    private int iteration;
    private int lastImprovement;
    private double improvedEnergy;
    private bool converged;
    private bool guidedDone;

    public bool IsFinished => (converged || iteration >= parameters.Iterations) && (guidedDone || !parameters.GuidedDecode);

    public StopReason FinishReason => converged ? StopReason.Converged : StopReason.Iterations;

    public bool HasResponse => best is not null;

    public AlignmentUpdate? Advance()
    {
        if (!context.HasPrompt)
        {
            // 1. Prefill.
            if (!context.Prefill())
            {
                return null;
            }

            drafting = new SeaDrafts(context, parameters);
            return null;
        }

        if (drafting is not null)
        {
            // 2. The caller's draft, then one token of every sample.
            IReadOnlyList<(int[] Tokens, bool Ended)>? starts = drafting.Advance();
            best ??= drafting.Given is { } given ? new BestResponse(parameters, [], given, []) : null;
            return starts is null ? null : Begin(starts);
        }

        return iteration < parameters.Iterations && !converged ? Iterate() : GuidedStep();
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        BestResponse result = best ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, result.Response, result.Draft, result.Chain, result.Iteration, iteration, context.Cost.Cost);
    }

    public void Dispose()
    {
        drafting?.Dispose();
        guided?.Dispose();
        sampler?.Dispose();
        context.Dispose();
    }

    // 3. Logits and scores of the drafts.
    private DraftUpdate Begin(IReadOnlyList<(int[] Tokens, bool Ended)> starts)
    {
        HardResponses start = context.Rows(starts);
        sampler = parameters.Sampler switch
        {
            SeaSampler.Langevin => new LangevinSampler(context, parameters, start),
            SeaSampler.GradientFlips => new SubstitutionSampler(context, parameters, start),
            _ => throw new InvalidOperationException($"There is no sampler {parameters.Sampler}."),
        };
        IReadOnlyList<SampledChain> chains = sampler.Start();
        drafts = [.. chains.Select(chain => chain.Row.Response.Tokens)];
        // A draft that starts a chain has that chain's figures: one pass over several rows may round otherwise than one over a single one.
        ScoredResponse? given = drafting!.Given is { } alone
            ? chains.Select(chain => chain.Row.Response).FirstOrDefault(start => start.Tokens.SequenceEqual(alone.Tokens)) ?? alone
            : null;
        best = new BestResponse(parameters, chains, given, drafting.Others);
        drafting.Dispose();
        drafting = null;
        improvedEnergy = best.Response.Energy;
        return new DraftUpdate(Snapshots(chains), best.Draft);
    }

    // 4. One iteration over all chains.
    private IterationUpdate Iterate()
    {
        IReadOnlyList<SampledChain> chains = sampler!.Iterate();
        iteration++;
        best!.Consider(chains, iteration);
        NotePlateau();
        return new IterationUpdate(iteration, parameters.Iterations, Snapshots(chains), best.Response);
    }

    private void NotePlateau()
    {
        if (best!.Response.Energy < improvedEnergy - parameters.PlateauTolerance)
        {
            improvedEnergy = best.Response.Energy;
            lastImprovement = iteration;
        }

        converged = parameters.PlateauIterations > 0 && iteration - lastImprovement >= parameters.PlateauIterations;
    }

    // 5. One token of the guided candidates.
    private IterationUpdate? GuidedStep()
    {
        if (guided is null)
        {
            if (sampler!.Guide() is not { } guide)
            {
                guidedDone = true;
                return null;
            }

            guided = new ResponseSampler(context, parameters.Chains, guide);
        }

        if (!guided.IsFinished)
        {
            guided.Step();
            return null;
        }

        guidedDone = true;
        SampledChain[] chains = [.. context.Score(guided.Responses()).Select(row => new SampledChain(row, null))];
        best!.Consider(chains, iteration);
        return new IterationUpdate(iteration, parameters.Iterations, Snapshots(chains), best.Response);
    }

    private ChainSnapshot[] Snapshots(IReadOnlyList<SampledChain> chains) =>
        [.. chains.Select((chain, index) => new ChainSnapshot
        {
            Chain = index,
            Response = chain.Row.Response,
            KlPerToken = chain.Row.KlPerToken,
            KlToReference = chain.Row.KlPerToken is { Length: > 0 } own ? own.Average() : null,
            GradientNorm = chain.GradientNorm,
            ChangedTokens = TokenChanges.Count(drafts[index], chain.Row.Response.Tokens),
        })];
}
