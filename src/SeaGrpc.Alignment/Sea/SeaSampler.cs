namespace SeaGrpc.Alignment.Sea;

/// <summary>How SEA moves on its energy.</summary>
public enum SeaSampler
{
    /// <summary>Langevin dynamics on the chains' logits (the paper).</summary>
    Langevin,

    /// <summary>Token substitutions that policy and reward gradient propose and exact energies decide on (ours).</summary>
    GradientFlips,
}
