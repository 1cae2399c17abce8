namespace SeaGrpc.Alignment.Sea;

/// <summary>
/// Selects the answer among the responses that the fluency floor admits. If the best response is kept, it is the best of all drafts and
/// iterations, with at least the highest reward that the run started from. Otherwise it is the best chain of the last iteration in which
/// one was admitted.
/// </summary>
internal sealed class BestResponse
{
    private readonly SeaParameters _parameters;
    private readonly FluencyFloor _floor;
    private readonly double _leastReward;

    /// <summary>Starts with the highest reward among the caller's draft and the chains' starts.</summary>
    /// <param name="parameters">Which response is better, and whether the best is kept.</param>
    /// <param name="floor">How fluent the answer must be. It admits the draft.</param>
    /// <param name="starts">The responses that the chains start from; may be empty if there is a draft from the caller.</param>
    /// <param name="given">The caller's draft, or null.</param>
    /// <param name="others">Other responses that were scored while choosing the starts.</param>
    public BestResponse(
        SeaParameters parameters,
        FluencyFloor floor,
        IReadOnlyList<SampledChain> starts,
        ScoredResponse? given,
        IReadOnlyList<ScoredResponse> others)
    {
        _parameters = parameters;
        _floor = floor;
        IEnumerable<(ScoredResponse Response, int Chain)> begun = starts.Select(
            (chain, index) => (Response: chain.Row.Response, Chain: index));
        (Response, Chain) = (given is null ? begun : [(given, 0), .. begun])
            .Where(start => floor.Admits(start.Response))
            .MaxBy(start => start.Response.Reward);
        Draft = given ?? Response;
        _leastReward = Response.Reward;
        if (parameters.KeepBest)
        {
            Consider(starts, iteration: 0);
            foreach (ScoredResponse other in others)
            {
                Offer(other, chain: 0, iteration: 0);
            }
        }
    }

    /// <summary>The draft that the answer is compared with: the caller's, otherwise the start with the highest reward.</summary>
    public ScoredResponse Draft { get; }

    public ScoredResponse Response { get; private set; }

    public int Chain { get; private set; }

    public int Iteration { get; private set; }

    /// <summary>Considers the chains of an iteration, and, if the best is kept, the other responses that they scored.</summary>
    public void Consider(IReadOnlyList<SampledChain> chains, int iteration)
    {
        bool isFirst = true;
        for (int chain = 0; chain < chains.Count; chain++)
        {
            ScoredResponse response = chains[chain].Row.Response;
            if (_parameters.KeepBest)
            {
                Offer(response, chain, iteration);
                foreach (ScoredResponse left in chains[chain].Left)
                {
                    Offer(left, chain, iteration);
                }
            }
            else if (_floor.Admits(response) && (isFirst || IsBetter(response)))
            {
                (Response, Chain, Iteration) = (response, chain, iteration);
                isFirst = false;
            }
        }
    }

    private void Offer(ScoredResponse response, int chain, int iteration)
    {
        if (response.Reward >= _leastReward && IsBetter(response) && _floor.Admits(response))
        {
            (Response, Chain, Iteration) = (response, chain, iteration);
        }
    }

    private bool IsBetter(ScoredResponse candidate) => _parameters.Selection == SeaSelection.Energy
        ? candidate.Energy < Response.Energy
        : candidate.Reward > Response.Reward;
}
