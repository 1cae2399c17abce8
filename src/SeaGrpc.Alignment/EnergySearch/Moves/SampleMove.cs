using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>
/// Samples whole responses of the policy, independent of each other: what is left where prefixes tell nothing. Each time as many as there
/// have been so far: then every iteration is as likely as not to find a lower energy, and several failures in a row mean something.
/// </summary>
/// <param name="state">The search.</param>
internal sealed class SampleMove(SearchState state) : IMove
{
    /// <summary>Samples of the first iteration.</summary>
    private const int First = 8;

    private PrefixSearch? _search;
    private int _sampled;
    private int _asked;
    private long _spentBefore;
    private long? _tokensOfOne;

    public bool CanBegin => true;

    /// <summary>That of one sample: before the first, both models read one as long as the draft.</summary>
    public long? Expected => _tokensOfOne ?? Math.Max(1, 2L * (state.Current.Tokens.Count - state.Pinned));

    public PrefixSearch? Search => _search;

    public bool Advance(out Proposal? proposal)
    {
        _search ??= Begin();
        if (!_search.AdvanceTo(out proposal))
        {
            return false;
        }

        _tokensOfOne = Math.Max(1, (state.Spent - _spentBefore) / _asked);
        _sampled += _asked;
        _search.Dispose();
        _search = null;
        return true;
    }

    public void Dispose() => _search?.Dispose();

    private PrefixSearch Begin()
    {
        _spentBefore = state.Spent;
        _asked = (int)Math.Clamp(state.Left / Expected!.Value, 1, Math.Clamp(_sampled, First, PrefixSearch.BatchRows));
        return state.FromTheStart(EnergySearchShapes.Samples(_asked));
    }
}
