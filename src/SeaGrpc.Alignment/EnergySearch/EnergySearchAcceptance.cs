namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>Whether an energy search goes on from what a move proposes.</summary>
public enum EnergySearchAcceptance
{
    /// <summary>If its energy is lower.</summary>
    Descent,

    /// <summary>If its energy is lower, or by chance, the less likely the higher it lies.</summary>
    Temperature,

    /// <summary>By Metropolis-Hastings: responses are visited in proportion to exp(-U).</summary>
    Metropolis,
}
