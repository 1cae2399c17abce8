namespace SeaGrpc.Alignment.Sea;

/// <summary>What is added to the logits after each step.</summary>
public enum SeaNoise
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Gaussian with standard deviation <see cref="SeaParameters.NoiseScale"/> (the paper).</summary>
    Paper,

    /// <summary>Gaussian with standard deviation sqrt(2 * step size * noise temperature): unadjusted Langevin dynamics.</summary>
    Langevin,

    /// <summary>As <see cref="Langevin"/>, its temperature falling linearly to 0 over the run.</summary>
    Annealed,
}
