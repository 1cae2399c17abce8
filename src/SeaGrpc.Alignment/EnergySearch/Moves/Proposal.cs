using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>What a move has found.</summary>
/// <param name="Response">The response.</param>
/// <param name="Rows">What it was read in, one row, handed over; null if that is not kept.</param>
/// <param name="LogRatio">
/// Log of the Metropolis-Hastings ratio: exp(-U) times the probability of the reverse move, over the same for the forward move. NaN if the
/// move does not know it.
/// </param>
internal sealed record Proposal(ScoredResponse Response, PrefixRows? Rows = null, double LogRatio = double.NaN)
{
    /// <summary>Whether it is another response.</summary>
    public bool Differs(ScoredResponse other) =>
        Response.EndsWithEos != other.EndsWithEos || !Response.Tokens.SequenceEqual(other.Tokens);
}
