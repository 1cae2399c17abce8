using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>A kind of move from the current response to another one. Owns what it reads until it hands it over.</summary>
internal interface IMove : IDisposable
{
    /// <summary>Whether there is anything to try from the current response; asked between two iterations.</summary>
    bool CanBegin { get; }

    /// <summary>
    /// Model tokens that the smallest iteration is expected to read from the current response; null if the iterations so far are the best
    /// guess.
    /// </summary>
    long? Expected => null;

    /// <summary>The search that an iteration is, while it is under way; null if it is none.</summary>
    PrefixSearch? Search => null;

    /// <summary>One piece of work, a few model passes at most.</summary>
    /// <param name="proposal">What an iteration of it has found, once that is over; null if it has found nothing.</param>
    /// <returns>Whether the iteration is over.</returns>
    bool Advance(out Proposal? proposal);
}
