using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>A kind of move from the current response to another one. Owns the rows it reads until it hands them over.</summary>
internal interface IMove : IDisposable
{
    /// <summary>Model tokens that <see cref="CanBegin"/> and <see cref="Expected"/> are expected to read themselves.</summary>
    long Preparation => 0;

    /// <summary>Whether it has anything to try from the current response. Called between iterations.</summary>
    bool CanBegin { get; }

    /// <summary>
    /// Model tokens that its smallest iteration is expected to read from the current response. Null if previous iterations are the best
    /// estimate.
    /// </summary>
    long? Expected => null;

    /// <summary>The search that its iteration consists of, while it is under way; null if there is none.</summary>
    PrefixSearch? Search => null;

    /// <summary>Does one unit of work: a few model passes at most.</summary>
    /// <param name="proposal">What its iteration has found, when the iteration ends; null if it has found nothing.</param>
    /// <returns>Whether the iteration has ended.</returns>
    bool Advance(out Proposal? proposal);
}
