using SeaGrpc.V1;

namespace SeaGrpc.Cli.Output;

/// <summary>One iteration's figures, for a plot.</summary>
/// <param name="Iteration">Index of the iteration; 0 is the draft.</param>
/// <param name="BestEnergy">Energy of the best response so far, in nats.</param>
/// <param name="BestReward">Its reward.</param>
/// <param name="MeanEnergy">Mean energy of the chains now, in nats.</param>
/// <param name="MeanReward">Their mean reward.</param>
internal sealed record TracePoint(int Iteration, double BestEnergy, double BestReward, double MeanEnergy, double MeanReward)
{
    /// <summary>The point of one event.</summary>
    public static TracePoint Of(int iteration, ScoredResponse best, IReadOnlyCollection<ChainState> chains) => new(
        iteration,
        best.Energy,
        best.Reward,
        chains.Count == 0 ? best.Energy : chains.Average(chain => chain.Energy),
        chains.Count == 0 ? best.Reward : chains.Average(chain => chain.Reward));
}
