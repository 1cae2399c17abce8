using SeaGrpc.Alignment.Decoding;
using SeaGrpc.Modeling;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>
/// Search on SEA's energy (ours), as a state machine: prefixes exactly, wide and early, then rewrites.
/// </summary>
/// <remarks>
/// 1. Prefill the prompt once, for all models.
/// 2. The draft, read by both models: the caller's, or a sample of the policy. From here on there is an answer at any moment: the lowest energy.
/// 3. Search for a response from the first token on (<see cref="PrefixSearch"/>).
/// 4. Rewrite the best response: cut it at several places, drawn towards its beginning; search for a continuation of each; the lowest energy goes on. Until the
///    budget is spent, or nothing has moved for some rounds.
/// </remarks>
internal sealed class EnergySearchRun(AlignmentModels models, AlignmentTask task, EnergySearchParameters parameters) : IAlignmentRun
{
    private readonly RunContext context = new(models, task);
    private readonly int pinned = task.ResponsePrefixOpen ? 0 : task.ResponsePrefix.Count;
    private PrefixRows? sample;
    private PrefixSearch? search;
    private PrefixRows? bestRows;
    private ScoredResponse? draft;
    private (ScoredResponse Response, int Iteration)? best;
    private bool searched;
    private int round;
    private int lastImprovement;
    private bool converged;

    public bool IsFinished => draft is not null && search is null && searched && (converged || round >= parameters.Iterations || IsSpent);

    public StopReason FinishReason => converged ? StopReason.Converged : StopReason.Iterations;

    public bool HasResponse => best is not null;

    private bool IsSpent => parameters.BudgetTokens > 0 && context.Cost.Cost is var cost && cost.PolicyTokens + cost.RewardTokens >= parameters.BudgetTokens;

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

        search ??= searched ? Rewrites() : FirstSearch();
        search.Advance();
        return search.IsFinished ? Take() : null;
    }

    public AlignmentOutcome Complete(StopReason reason)
    {
        (ScoredResponse response, int iteration) = best ?? throw new InvalidOperationException("There is no response yet.");
        return new AlignmentOutcome(reason, response, draft!, 0, iteration, round, context.Cost.Cost);
    }

    public void Dispose()
    {
        sample?.Dispose();
        search?.Dispose();
        bestRows?.Dispose();
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

        ScoredResponse drawn = sample.Score(_ => true)[0];
        bestRows = PrefixRows.Gather([(sample, 0)], drawn.Tokens.Count);
        sample.Dispose();
        sample = null;
        return Begin(drawn);
    }

    private DraftUpdate Begin(ScoredResponse response)
    {
        draft = response;
        best = (response, 0);
        return new DraftUpdate([new ChainSnapshot { Chain = 0, Response = response }], response);
    }

    // 3.
    private PrefixSearch FirstSearch()
    {
        IReadOnlyList<int> prefix = task.ResponsePrefixOpen ? [] : task.ResponsePrefix;
        PrefixRows start = PrefixRows.Start(context, prefix, prefix.Count == 0 ? 0 : context.PrefixLogProbability());
        if (prefix.Count > 0)
        {
            start.Score(_ => true);
        }

        return new PrefixSearch(context, SearchShape.Of(parameters), [new Continuation(start, best!.Value.Response.Energy)]);
    }

    // 4.
    private PrefixSearch Rewrites()
    {
        int length = best!.Value.Response.Tokens.Count;
        int[] cuts = [.. Enumerable.Range(0, parameters.Rewrites).Select(_ => Cut(length)).Distinct()];
        return new PrefixSearch(
            context,
            SearchShape.OfRewrites(parameters),
            [.. cuts.Select(cut => new Continuation(PrefixRows.Gather([(bestRows!, 0)], cut), best.Value.Response.Energy))]);
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
        if (found is not null && found.Best!.Energy < best!.Value.Response.Energy - parameters.PlateauTolerance)
        {
            best = (found.Best, round + 1);
            bestRows!.Dispose();
            bestRows = found.TakeBestRows();
            lastImprovement = round + 1;
        }

        ScoredResponse shown = found?.Best ?? best!.Value.Response;
        search.Dispose();
        search = null;
        searched = true;
        round++;
        converged = parameters.PlateauIterations > 0 && round - lastImprovement >= parameters.PlateauIterations;
        var snapshot = new ChainSnapshot { Chain = 0, Response = shown, ChangedTokens = TokenChanges.Count(draft!.Tokens, shown.Tokens) };
        return new IterationUpdate(round, parameters.Iterations, [snapshot], best!.Value.Response);
    }
}
