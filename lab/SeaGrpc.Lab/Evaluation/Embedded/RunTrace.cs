using SeaGrpc.Alignment;

namespace SeaGrpc.Lab.Evaluation.Embedded;

/// <summary>What a run reports while it runs: figures per iteration, and the KL of every response that may become the answer.</summary>
internal sealed class RunTrace
{
    private readonly Dictionary<(int Iteration, int Chain), IReadOnlyList<float>> _divergences = [];

    public List<double> BestReward { get; } = [];

    public List<double> BestEnergy { get; } = [];

    public List<double> MeanReward { get; } = [];

    public List<double> MeanEnergy { get; } = [];

    /// <summary>Takes an update in.</summary>
    public void Note(AlignmentUpdate? update)
    {
        switch (update)
        {
            case DraftUpdate draft:
                Note(0, draft.Best, draft.Chains);
                break;
            case IterationUpdate iteration:
                Note(iteration.Index, iteration.Best, iteration.Chains);
                break;
        }
    }

    /// <summary>KL per position of a chain's response at an iteration, in nats; null if it was not reported.</summary>
    public IReadOnlyList<float>? Kl(int iteration, int chain) => _divergences.GetValueOrDefault((iteration, chain));

    private void Note(int iteration, ScoredResponse best, IReadOnlyList<ChainSnapshot> chains)
    {
        BestReward.Add(best.Reward);
        BestEnergy.Add(best.Energy);
        MeanReward.Add(chains.Average(chain => chain.Response.Reward));
        MeanEnergy.Add(chains.Average(chain => chain.Response.Energy));
        foreach (ChainSnapshot chain in chains)
        {
            if (chain.KlPerToken is { } kl)
            {
                _divergences[(iteration, chain.Chain)] = kl;
            }
        }
    }
}
