namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>When an energy search continues from the response that a move proposes.</summary>
public enum EnergySearchAcceptance
{
    /// <summary>If its energy is lower.</summary>
    Descent,

    /// <summary>If its energy is lower, and otherwise with a probability that falls with its energy.</summary>
    Temperature,

    /// <summary>By the Metropolis-Hastings rule, which visits responses in proportion to exp(-U).</summary>
    Metropolis,
}
