namespace SeaGrpc.Modeling;

/// <summary>The number format that weights and activations are held in.</summary>
public enum ModelDtype
{
    /// <summary>
    /// On the CPU fp32, but bfloat16 for large models stored in 16 bits where it multiplies clearly faster (<see cref="ProductSpeeds"/>);
    /// on CUDA the checkpoint's own.
    /// </summary>
    Auto,

    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>bfloat16.</summary>
    BFloat16,
}

/// <summary>Where and how a checkpoint is loaded.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda:N</c> or <c>auto</c> (CUDA where there is one).</param>
/// <param name="Dtype">The number format.</param>
/// <param name="Name">What the model is called; the folder's last name where null.</param>
/// <param name="Progress">
/// Told when the reading of weights begins and after every piece, from several threads at once; what it throws calls the loading off. Null
/// for none.
/// </param>
public sealed record ModelLoadOptions(
    string Device = "auto", ModelDtype Dtype = ModelDtype.Auto, string? Name = null, IProgress<LoadState>? Progress = null);

/// <summary>What was loaded.</summary>
/// <param name="Name">The name that it was loaded under, or the folder's last name.</param>
/// <param name="Architecture">As config.json says it, LlamaForCausalLM say.</param>
/// <param name="Hash">SHA-256 of config.json, tokenizer.json and the weights, in lower-case hex.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="Dtype"><c>float32</c> or <c>bfloat16</c>.</param>
/// <param name="ParameterCount">Number of weights.</param>
/// <param name="VocabularySize">Rows of the embedding matrix.</param>
/// <param name="MaxPositions">Longest sequence in tokens.</param>
/// <param name="Speeds">What the number format was chosen by, where it was measured; null if it was named, or needed no
/// measuring.</param>
public sealed record ModelDescription(
    string Name,
    string Architecture,
    string Hash,
    string Device,
    string Dtype,
    long ParameterCount,
    int VocabularySize,
    int MaxPositions,
    ProductSpeeds? Speeds = null);
