namespace SeaGrpc.Alignment.Sea;

/// <summary>How the reference policy contributes to the gradient.</summary>
public enum SeaReference
{
    /// <summary>Gradient through the policy's inputs and its targets (the paper).</summary>
    Full,

    /// <summary>Gradient through the targets only: no backward pass of the policy (COLD).</summary>
    Detached,

    /// <summary>No gradient from the policy (the paper's ablation). The term is still reported.</summary>
    None,
}
