using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.EnergySearch.Moves;

/// <summary>
/// Substitutes tokens of the current response. The policy and the reward gradient propose substitutions, which are tried alone and
/// together.
/// </summary>
/// <param name="state">The search.</param>
internal sealed class SubstitutionMove(SearchState state) : IMove
{
    private SubstitutionSampler? _sampler;
    private ScoredResponse? _from;

    public bool CanBegin => state.Current.Tokens.Count > state.Pinned && (_sampler is null || !IsCurrent || _sampler.HasUntried);

    /// <summary>
    /// Estimate before the first iteration: a forward and a backward pass of both models, and half of the response for every proposal.
    /// </summary>
    public long? Expected => _sampler is null ? (6 + state.Parameters.Proposals) * (long)state.Current.Tokens.Count : null;

    /// <summary>Whether the sampler is at the current response of the search.</summary>
    private bool IsCurrent => ReferenceEquals(_from, state.Current);

    public bool Advance(out Proposal? proposal)
    {
        if (_sampler is null || !IsCurrent)
        {
            _sampler?.Dispose();
            _from = state.Current;
            _sampler = new SubstitutionSampler(
                state.Context,
                SeaParameters.Default with
                {
                    RewardWeight = state.Parameters.RewardWeight,
                    Proposals = state.Parameters.Proposals,
                    ProposalOrder = state.Context.Models.HasRewardGradient ? SeaProposalOrder.Alternate : SeaProposalOrder.Policy,
                    PlateauTolerance = Math.Max(SeaParameters.Default.PlateauTolerance, state.Parameters.PlateauTolerance),
                },
                state.Reading,
                state.Current);
        }

        ScoredResponse moved = _sampler.Iterate()[0].Row.Response;
        proposal = ReferenceEquals(moved, _from) ? null : new Proposal(state.Context.Stopped(moved));
        _from = moved;
        return true;
    }

    public void Dispose() => _sampler?.Dispose();
}
