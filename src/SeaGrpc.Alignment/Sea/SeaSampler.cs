namespace SeaGrpc.Alignment.Sea;

/// <summary>How SEA's chains move.</summary>
public enum SeaSampler
{
    /// <summary>Langevin dynamics on the chains' logits (the paper).</summary>
    Langevin,

    /// <summary>Token substitutions, which the policy and the reward gradient propose and exact energies accept (ours).</summary>
    GradientFlips,
}
