using SeaGrpc.Modeling;

namespace SeaGrpc.Server.Models;

/// <summary>
/// The number of threads of a tensor operation, which all models of the process have in common: it suits the largest policy that was
/// loaded. Thread-safe.
/// </summary>
/// <param name="asked">The operator's number; 0 for one that suits the models.</param>
internal sealed class ModelThreads(int asked)
{
    private readonly Lock _gate = new();
    private int _usual;
    private bool _hasMany;

    /// <summary>Called before a pair's models are loaded.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _usual = _usual == 0 ? ComputeThreads.Count : _usual;
            if (asked > 0)
            {
                ComputeThreads.Set(asked);
            }
        }
    }

    /// <summary>Called when a policy has been loaded.</summary>
    /// <param name="weights">Number of its weights.</param>
    public void Suit(long weights)
    {
        if (asked > 0)
        {
            return;
        }

        lock (_gate)
        {
            _hasMany |= weights >= ComputeThreads.ManyWeights;
            int count = _hasMany ? _usual : 1;
            if (ComputeThreads.Count != count)
            {
                ComputeThreads.Set(count);
            }
        }
    }
}
