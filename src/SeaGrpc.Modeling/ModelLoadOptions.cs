namespace SeaGrpc.Modeling;

/// <summary>Number format of weights and activations.</summary>
public enum ModelDtype
{
    /// <summary>
    /// On the CPU fp32, or bfloat16 for large models that are stored in 16 bits if it multiplies clearly faster
    /// (<see cref="ProductSpeeds"/>). On CUDA the checkpoint's format.
    /// </summary>
    Auto,

    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>bfloat16.</summary>
    BFloat16,
}

/// <summary>Options for loading a checkpoint.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda:N</c> or <c>auto</c> (CUDA if available).</param>
/// <param name="Dtype">The number format.</param>
/// <param name="Name">Name of the model; null for the last part of the folder's path.</param>
/// <param name="Progress">
/// Called when the reading of weights begins and after every piece, from several threads at once. An exception that it throws cancels
/// loading. Null for none.
/// </param>
public sealed record ModelLoadOptions(
    string Device = "auto", ModelDtype Dtype = ModelDtype.Auto, string? Name = null, IProgress<LoadState>? Progress = null);

/// <summary>A loaded model.</summary>
/// <param name="Name">The name it was loaded under, or the last part of the folder's path.</param>
/// <param name="Architecture">The architecture in config.json, for example LlamaForCausalLM.</param>
/// <param name="Hash">SHA-256 of config.json, tokenizer.json and the weights, in lower-case hex.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="Dtype"><c>float32</c> or <c>bfloat16</c>.</param>
/// <param name="ParameterCount">Number of weights.</param>
/// <param name="VocabularySize">Rows of the embedding matrix.</param>
/// <param name="MaxPositions">Longest sequence in tokens.</param>
/// <param name="Speeds">The measurement that decided the number format; null if nothing was measured.</param>
/// <param name="Sharing">The weights that it has in common with the policy; null if there are none.</param>
public sealed record ModelDescription(
    string Name,
    string Architecture,
    string Hash,
    string Device,
    string Dtype,
    long ParameterCount,
    int VocabularySize,
    int MaxPositions,
    ProductSpeeds? Speeds = null,
    WeightSharing? Sharing = null);
