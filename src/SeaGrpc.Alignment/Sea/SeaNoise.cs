namespace SeaGrpc.Alignment.Sea;

/// <summary>The noise that is added to the logits after each step.</summary>
public enum SeaNoise
{
    /// <summary>No noise.</summary>
    None,

    /// <summary>Gaussian with standard deviation <see cref="SeaParameters.NoiseScale"/> (the paper).</summary>
    Paper,

    /// <summary>Gaussian with standard deviation sqrt(2 * step size * noise temperature): unadjusted Langevin dynamics.</summary>
    Langevin,

    /// <summary>Like <see cref="Langevin"/>, with a temperature that falls linearly to 0 over the run.</summary>
    Annealed,
}
