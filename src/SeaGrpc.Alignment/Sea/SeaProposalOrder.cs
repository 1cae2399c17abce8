namespace SeaGrpc.Alignment.Sea;

/// <summary>Which token substitutions SEA tries first.</summary>
public enum SeaProposalOrder
{
    /// <summary>By turns what the reward's gradient promises most and what the policy likes best.</summary>
    Alternate,

    /// <summary>What the reward's gradient promises most, to first order.</summary>
    Gradient,

    /// <summary>What the policy likes best; no backward pass.</summary>
    Policy,

    /// <summary>Any plausible token as soon as any other, drawn from the run's seed; no backward pass.</summary>
    Random,
}
