namespace SeaGrpc.Alignment.Sea;

/// <summary>Which token substitutions SEA tries first.</summary>
public enum SeaProposalOrder
{
    /// <summary>The tokens with the largest first-order gain in reward alternate with the policy's most likely ones.</summary>
    Alternate,

    /// <summary>Largest first-order gain in reward, by its gradient.</summary>
    Gradient,

    /// <summary>Most likely by the policy. No backward pass.</summary>
    Policy,

    /// <summary>Uniformly at random among the plausible tokens, from the run's seed. No backward pass.</summary>
    Random,
}
