namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Describes which unsupported kind of weights a folder contains, and what would work instead.</summary>
internal static class OtherWeights
{
    private const string Convert =
        "convert them to model.safetensors (from_pretrained, then save_pretrained with safe_serialization, in transformers)";

    /// <summary>The problem, or null if no kind is recognised.</summary>
    internal static string? Describe(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        string? Named(params string[] endings) =>
            files.FirstOrDefault(file => endings.Any(ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
        if (Named(".gguf") is { } gguf)
        {
            return $"the weights are a GGUF file ({gguf}), made for llama.cpp and mostly quantised, which is not supported; use the "
                + "safetensors checkpoint that it was made from.";
        }

        if (files.Contains("adapter_config.json"))
        {
            return "the folder holds a LoRA adapter alone (adapter_config.json); merge it into its base model (merge_and_unload, then "
                + "save_pretrained, in peft).";
        }

        if (Named(".bin", ".bin.index.json", ".pt", ".pth", ".ckpt") is { } pickled)
        {
            return $"the weights are pickled ({pickled}), which can run code and are not read; {Convert}.";
        }

        return Named(".h5", ".msgpack", ".onnx", ".npz") is { } foreign
            ? $"the weights are in another framework's format ({foreign}), which is not supported; {Convert}."
            : null;
    }
}
