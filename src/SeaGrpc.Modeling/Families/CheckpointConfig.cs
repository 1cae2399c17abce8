using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>The content of a checkpoint's config.json, complete and validated. No later code reads the JSON.</summary>
public sealed record CheckpointConfig
{
    /// <summary>The architecture as in the file, for example LlamaForCausalLM.</summary>
    public required string Architecture { get; init; }

    /// <summary>The family: Llama, Mistral, Qwen2, Qwen3, Gemma2 or Phi3.</summary>
    public required string Family { get; init; }

    /// <summary>The head on top of the decoder.</summary>
    public required ModelHead Head { get; init; }

    /// <summary>The decoder's configuration.</summary>
    public required TransformerConfig Transformer { get; init; }

    /// <summary>
    /// Names of a classifier's outputs, in order: one for Qwen2ForRewardModel; otherwise those of id2label; otherwise LABEL_0, LABEL_1 and
    /// so on, num_labels of them or two.
    /// </summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Number of a classifier's outputs.</summary>
    public int LabelCount => Labels.Count;

    /// <summary>
    /// How much higher a classifier's score must be to count as better and to replace a draft, as the file says (min_reward_gain); at
    /// least 0; null if it does not.
    /// </summary>
    public double? MinRewardGain { get; init; }

    /// <summary>Id of the token that starts a sequence, or null.</summary>
    public required int? BosId { get; init; }

    /// <summary>Ids of the tokens that end a sequence; may be empty.</summary>
    public required IReadOnlyList<int> EosIds { get; init; }

    /// <summary>Id of the padding token, or null.</summary>
    public required int? PadId { get; init; }

    /// <summary>torch_dtype as in the file (<c>bfloat16</c>), or null.</summary>
    public required string? Dtype { get; init; }

    /// <summary>
    /// Whether the file refers to its own Python code (auto_map). The code is never run; the built-in form of the architecture is used.
    /// </summary>
    public required bool NamesCustomCode { get; init; }

    /// <summary>
    /// Reads and resolves config.json. Absent optional keys have the defaults of the family's configuration class in transformers.
    /// </summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <exception cref="CheckpointException">The file is missing or damaged, or requires something that is not supported.</exception>
    public static CheckpointConfig Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CheckpointException(
                folder,
                File.Exists(folder)
                    ? FolderHints.OfFile(folder)
                    : $"there is no such folder; {FolderHints.OfMissing(folder) ?? "name a Hugging Face checkpoint folder."}");
        }

        var path = Path.Combine(folder, "config.json");
        if (!Path.Exists(path))
        {
            RefuseWithout(folder, path);
        }

        using var document = CheckpointJson.Parse(path);
        return new ConfigResolver(new ConfigReader(path, document.RootElement)).Resolve();
    }

    private static void RefuseWithout(string folder, string path)
    {
        try
        {
            if ((OtherWeights.Describe(folder) ?? FolderHints.OfFolder(folder)) is { } other)
            {
                throw new CheckpointException(folder, other);
            }

            // A broken link is reported by the code that reads it.
            if (new FileInfo(path).LinkTarget is null)
            {
                throw new CheckpointException(path, FolderHints.WithoutConfig(folder));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                folder, $"the folder cannot be read ({e.Message}); give this program's user permission to read it.", e);
        }
    }
}
