using SeaGrpc.Alignment.Policies.Loaded;
using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Alignment.Sea.Substitutions;

/// <summary>
/// The best of the moved responses that are read, as both models have read it: if it is accepted, it need not be read again. Owns its rows.
/// </summary>
/// <param name="below">Energy below which a response is kept, in nats.</param>
/// <param name="admits">Whether a response may be accepted.</param>
internal sealed class KeptMove(double below, Func<ScoredResponse, bool> admits) : IDisposable
{
    private ScoredResponse? _response;
    private (LoadedPolicyRows Policy, RewardRows Rewards)? _rows;

    /// <summary>Whether a response is better than what is kept.</summary>
    public bool Wants(ScoredResponse response) => response.Energy < (_response?.Energy ?? below) && admits(response);

    /// <summary>Keeps a response instead.</summary>
    /// <param name="response">The response.</param>
    /// <param name="policy">A single row that the policy has read it in; taken over.</param>
    /// <param name="rewards">The same for the rewards.</param>
    public void Keep(ScoredResponse response, LoadedPolicyRows policy, RewardRows rewards)
    {
        Dispose();
        _response = response;
        _rows = (policy, rewards);
    }

    /// <summary>Hands over the rows of a response; null if they are not kept.</summary>
    public (LoadedPolicyRows Policy, RewardRows Rewards)? Take(ScoredResponse response)
    {
        if (!ReferenceEquals(response, _response))
        {
            return null;
        }

        (LoadedPolicyRows, RewardRows)? rows = _rows;
        _rows = null;
        return rows;
    }

    public void Dispose()
    {
        _rows?.Policy.Dispose();
        _rows?.Rewards.Dispose();
        _rows = null;
    }
}
