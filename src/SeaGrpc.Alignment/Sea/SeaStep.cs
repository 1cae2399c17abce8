namespace SeaGrpc.Alignment.Sea;

/// <summary>How a gradient becomes a step.</summary>
public enum SeaStep
{
    /// <summary>Step size times the gradient (the paper).</summary>
    Plain,

    /// <summary>Adam on the logits, as in COLD (Qin et al., 2022). It compensates for the small gradients of a saturated softmax.</summary>
    Adam,
}
