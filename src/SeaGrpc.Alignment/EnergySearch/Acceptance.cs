using SeaGrpc.Alignment.EnergySearch.Moves;

namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>Decides whether a search continues from a proposal: never where the fluency floor does not admit it.</summary>
/// <param name="state">The state of the search.</param>
internal sealed class Acceptance(SearchState state)
{
    private readonly EnergySearchParameters _parameters = state.Parameters;

    /// <summary>Returns the decision, at random if the parameters say so.</summary>
    public bool Accepts(Proposal proposal)
    {
        if (!state.Context.Floor.Admits(proposal.Response))
        {
            return false;
        }

        double rise = proposal.Response.Energy - state.Current.Energy;
        return _parameters.Acceptance switch
        {
            EnergySearchAcceptance.Metropolis => IsDrawn(proposal.LogRatio),
            _ when rise < -_parameters.PlateauTolerance => true,
            EnergySearchAcceptance.Temperature => proposal.Differs(state.Current) && IsDrawn(-rise / _parameters.AcceptanceTemperature),
            _ => false,
        };
    }

    private bool IsDrawn(double logProbability) => state.Uniform() < Math.Exp(Math.Min(0, logProbability));
}
