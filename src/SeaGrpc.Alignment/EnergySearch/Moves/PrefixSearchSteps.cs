using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Runs a search for continuations as the work of a move.</summary>
internal static class PrefixSearchSteps
{
    /// <summary>Does one unit of work.</summary>
    /// <param name="search">The search.</param>
    /// <param name="proposal">When the search ends, the response of the lowest energy; null if none has ended.</param>
    /// <returns>Whether the search has ended.</returns>
    public static bool AdvanceTo(this PrefixSearch search, out Proposal? proposal)
    {
        proposal = null;
        search.Advance();
        if (!search.IsFinished)
        {
            return false;
        }

        Continuation? found = search.Continuations.Where(one => one.Best is not null).MinBy(one => one.Best!.Energy);
        proposal = found is null ? null : new Proposal(found.Best!, found.TakeBestRows());
        return true;
    }
}
