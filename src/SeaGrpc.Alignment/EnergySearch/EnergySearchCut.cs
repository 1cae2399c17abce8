namespace SeaGrpc.Alignment.EnergySearch;

/// <summary>Where an energy search cuts a response to rewrite it.</summary>
public enum EnergySearchCut
{
    /// <summary>Near the beginning.</summary>
    Place,

    /// <summary>Where the policy is uncertain.</summary>
    Entropy,

    /// <summary>Where the energies of the prefixes that were read differ most.</summary>
    Spread,

    /// <summary>Where the reward depends most on the token, to first order.</summary>
    Gradient,

    /// <summary>Anywhere.</summary>
    Random,
}
