using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Search on SEA's energy (ours), as a state machine: prefixes exactly, wide and early, then rewrites and substitutions.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for all models.
/// 2. The draft, read by both models: the caller's, or a sample of the policy. From here on there is an answer at any moment: the lowest energy. How far
///    the draft's own beginnings lie above it tells what a prefix's energy is worth with this reward.
/// 3. Search for a response from the first token on (<see cref="PrefixSearch"/>).
/// 4. Move on from the best response, by the kind of move that has lowered the energy most per token: cut it at several places, drawn towards its beginning,
///    and search for a continuation of each; or substitute single tokens (<see cref="SubstitutionSampler"/>). Until the budget is spent, or nothing helps.
/// </remarks>
internal sealed class EnergySearchRun(AlignmentModels models, AlignmentTask task, EnergySearchParameters parameters) : IAlignmentRun
{
    /// <summary>Places of the draft that are looked at.</summary>
    private const int Places = 7;

    private readonly RunContext context = new(models, task);
    private readonly int pinned = task.ResponsePrefixOpen ? 0 : task.ResponsePrefix.Count;
    private readonly MoveKind rewriting = new();
    private readonly MoveKind substituting = new();
    private PrefixRows? sample;
    private PrefixSearch? search;
    private PrefixRows? bestRows;
    private SubstitutionSampler? sampler;
    private ScoredResponse? draft;
    private (ScoredResponse Response, int Iteration)? best;
    private double margin;
    private long spentBefore;
    private int iteration;

    public bool IsFinished => draft is not null && search is null
        && (HasNoRoom || (iteration > 0 && (IsConverged || iteration >= parameters.Iterations || IsSpent)));

    public StopReason FinishReason => IsConverged ? StopReason.Converged : StopReason.Iterations;

    public bool HasResponse => best is not null;

    /// <summary>Whether the fixed prefix is all that a response may have.</summary>
    private bool HasNoRoom => pinned >= task.MaxResponseTokens;

    private ScoredResponse Best => best!.Value.Response;

    private long Spent => context.Cost.Cost is var cost ? cost.PolicyTokens + cost.RewardTokens : 0;

    private bool IsSpent => parameters.BudgetTokens > 0 && Spent >= parameters.BudgetTokens;

    private bool IsConverged => parameters.PlateauIterations > 0
        && rewriting.Failures >= parameters.PlateauIterations
        && (!parameters.Substitutions || substituting.Failures >= parameters.PlateauIterations);

    /// <summary>Substitutions come next where they brought more per token, or else have failed less often.</summary>
    private bool SubstitutesNext => parameters.Substitutions && Best.Tokens.Count > pinned
        && (substituting.Gain != rewriting.Gain ? substituting.Gain > rewriting.Gain : substituting.Failures < rewriting.Failures);

    public AlignmentUpdate? Advance()
    {
        if (!context.HasPrompt)
        {
            context.Prefill();
            return null;
        }

        if (draft is null)
        {
            return Draft();
        }

        if (search is null)
        {
            spentBefore = Spent;
            if (iteration > 0 && SubstitutesNext)
            {
                return Substitute();
            }

            search = iteration == 0 ? FirstSearch() : Rewrites();
        }

        search.Advance();
        return search.IsFinished ? Take() : null;
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        (ScoredResponse response, int found) = best ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, response, draft!, 0, found, iteration, context.Cost.Cost);
    }

    public void Dispose()
    {
        sample?.Dispose();
        search?.Dispose();
        bestRows?.Dispose();
        sampler?.Dispose();
        context.Dispose();
    }

    // 2.
    private DraftUpdate? Draft()
    {
        if (task.Draft is not null)
        {
            (int[] tokens, bool ended) = context.Draft();
            (bestRows, ScoredResponse given) = PrefixRows.Read(context, tokens, ended);
            return Begin(given);
        }

        sample ??= PrefixRows.Start(context, task.ResponsePrefix, context.PrefixLogProbability());
        if (!sample.IsWhole(0))
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            Tensor logits = sample.Policy.Logits();
            sample.Policy.Append(TokenSampling.Draw(logits.Plus(models.LegalTokens), parameters.SamplingTemperature, context.Generator), logits);
            return null;
        }

        ScoredResponse drawn = sample.Score()[0];
        bestRows = PrefixRows.Gather([(sample, 0)], drawn.Tokens.Count);
        sample.Dispose();
        sample = null;
        return Begin(drawn);
    }

    private DraftUpdate Begin(ScoredResponse response)
    {
        draft = response;
        best = (response, 0);
        margin = bestRows!.PrefixEnergies(Places).Select(energy => energy - response.Energy).Append(0).Max();
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    // 3.
    private PrefixSearch FirstSearch()
    {
        IReadOnlyList<int> prefix = task.ResponsePrefixOpen ? [] : task.ResponsePrefix;
        PrefixRows start = PrefixRows.Start(context, prefix, prefix.Count == 0 ? 0 : context.PrefixLogProbability());
        if (prefix.Count > 0)
        {
            start.Score();
        }

        return new PrefixSearch(context, SearchShape.Of(parameters, margin), [new Continuation(start, Best.Energy)]);
    }

    // 4.
    private PrefixSearch Rewrites()
    {
        bestRows ??= PrefixRows.Read(context, Best.Tokens, Best.EndsWithEos).Rows;
        int[] cuts = [.. Enumerable.Range(0, parameters.Rewrites).Select(_ => Cut(Best.Tokens.Count)).Distinct()];
        return new PrefixSearch(
            context,
            SearchShape.OfRewrites(parameters, margin),
            [.. cuts.Select(cut => new Continuation(PrefixRows.Gather([(bestRows!, 0)], cut), Best.Energy))]);
    }

    /// <summary>A place to cut at, towards the beginning: n u^2 of n places.</summary>
    private int Cut(int length)
    {
        using Tensor drawn = rand([1], ScalarType.Float64, context.Generator.device, generator: context.Generator);
        double uniform = drawn.item<double>();
        return pinned + (int)(Math.Max(1, length - pinned) * uniform * uniform);
    }

    private IterationUpdate Take()
    {
        Continuation? found = search!.Continuations.Where(one => one.Best is not null).MinBy(one => one.Best!.Energy);
        ScoredResponse shown = found?.Best ?? Best;
        double lowered = Consider(shown);
        if (lowered > 0)
        {
            bestRows?.Dispose();
            bestRows = found!.TakeBestRows();
            sampler?.Dispose();
            sampler = null;
        }

        if (iteration > 1)
        {
            rewriting.Note(lowered, Spent - spentBefore);
        }

        search.Dispose();
        search = null;
        return Update(shown);
    }

    private IterationUpdate Substitute()
    {
        sampler ??= new SubstitutionSampler(
            context,
            SeaParameters.Default with { RewardWeight = parameters.RewardWeight },
            context.Rows([(Best.Tokens.ToArray(), Best.EndsWithEos)]));
        ScoredResponse moved = sampler.Iterate()[0].Row.Response;
        double lowered = Consider(moved);
        if (lowered > 0)
        {
            bestRows?.Dispose();
            bestRows = null;
        }

        substituting.Note(lowered, Spent - spentBefore);
        return Update(moved);
    }

    /// <summary>Ends an iteration with a response, the best one where its energy is lower.</summary>
    /// <returns>What that lowers the energy by, in nats; 0 where it does not.</returns>
    private double Consider(ScoredResponse response)
    {
        iteration++;
        double lowered = Best.Energy - response.Energy;
        if (lowered <= parameters.PlateauTolerance)
        {
            return 0;
        }

        best = (response, iteration);
        return lowered;
    }

    private IterationUpdate Update(ScoredResponse shown)
    {
        var snapshot = new ChainSnapshot { Chain = 0, Response = shown, ChangedTokens = TokenChanges.Count(draft!.Tokens, shown.Tokens) };
        return new IterationUpdate(iteration, parameters.Iterations, [snapshot], Best);
    }
}
