using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>Runs a search for continuations as the work of a move.</summary>
internal static class PrefixSearchSteps
{
    /// <summary>Does one unit of work.</summary>
    /// <param name="search">The search.</param>
    /// <param name="proposal">The response of the lowest energy once it is over; null where none has ended.</param>
    /// <param name="isGivenUp">Whether it is over with what it has found so far; or null.</param>
    /// <returns>Whether it is over.</returns>
    public static bool AdvanceTo(this PrefixSearch search, out Proposal? proposal, Func<bool>? isGivenUp = null)
    {
        proposal = null;
        search.Advance();
        if (!search.IsFinished && isGivenUp?.Invoke() != true)
        {
            return false;
        }

        Continuation? found = search.Continuations.Where(one => one.Best is not null).MinBy(one => one.Best!.Energy);
        proposal = found is null ? null : new Proposal(found.Best!, found.TakeBestRows());
        return true;
    }
}
