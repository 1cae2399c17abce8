namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// Which response is the answer. Where the best is kept, it is the best of all drafts and iterations, and never below the
/// best draft's reward; otherwise it is the best chain of the last iteration.
/// </summary>
internal sealed class BestResponse
{
    private readonly SeaParameters parameters;

    /// <summary>Starts with the draft of the highest reward.</summary>
    public BestResponse(SeaParameters parameters, IReadOnlyList<SampledChain> drafts)
    {
        this.parameters = parameters;
        Chain = Enumerable.Range(0, drafts.Count).MaxBy(chain => drafts[chain].Row.Response.Reward);
        Draft = drafts[Chain].Row.Response;
        Response = Draft;
        if (parameters.KeepBest)
        {
            Consider(drafts, iteration: 0);
        }
    }

    /// <summary>The draft that the answer is compared with.</summary>
    public ScoredResponse Draft { get; }

    public ScoredResponse Response { get; private set; }

    public int Chain { get; private set; }

    public int Iteration { get; private set; }

    /// <summary>Takes an iteration's chains into account.</summary>
    public void Consider(IReadOnlyList<SampledChain> chains, int iteration)
    {
        bool first = !parameters.KeepBest;
        for (int chain = 0; chain < chains.Count; chain++)
        {
            ScoredResponse candidate = chains[chain].Row.Response;
            bool eligible = first || ((!parameters.KeepBest || candidate.Reward >= Draft.Reward) && IsBetter(candidate));
            if (eligible)
            {
                first = false;
                (Response, Chain, Iteration) = (candidate, chain, iteration);
            }
        }
    }

    private bool IsBetter(ScoredResponse candidate) => parameters.Selection == SeaSelection.Energy
        ? candidate.Energy < Response.Energy
        : candidate.Reward > Response.Reward;
}
