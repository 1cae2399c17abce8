using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>What a move has found.</summary>
/// <param name="Response">The response.</param>
/// <param name="Rows">The single row that it was read in, handed over; null if it was not kept.</param>
/// <param name="LogRatio">
/// Log of the Metropolis-Hastings ratio: exp(-U) times the probability of the reverse move, divided by the same product for the forward
/// move. NaN if the move does not know it.
/// </param>
internal sealed record Proposal(ScoredResponse Response, PrefixRows? Rows = null, double LogRatio = double.NaN)
{
    /// <summary>Whether it differs from another response.</summary>
    public bool Differs(ScoredResponse other) =>
        Response.EndsWithEos != other.EndsWithEos || !Response.Tokens.SequenceEqual(other.Tokens);
}
