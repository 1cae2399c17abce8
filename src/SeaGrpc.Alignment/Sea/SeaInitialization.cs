namespace SeaGrpc.Alignment.Sea;

/// <summary>How chains start.</summary>
public enum SeaInitialization
{
    /// <summary>From a sample of the policy or the caller's draft, with Gumbel-consistent logits: their argmax is the draft.</summary>
    Draft,

    /// <summary>From standard normal logits (the paper's ablation).</summary>
    Random,
}
