using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>
/// Writes a reward model that was trained from a policy's body as a Hugging Face folder of the policy's family: ForSequenceClassification
/// with one label, and the policy's tokenizer files.
/// </summary>
internal static class TrainedFolder
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>What transformers and our loader read of a tokenizer, its chat templates and the ends of responses.</summary>
    private static readonly string[] TokenizerFiles =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
        "tokenizer.model", "chat_template.jinja", "chat_template.json", "generation_config.json",
    ];

    private static readonly string[] TemplateFolders = ["chat_templates", "additional_chat_templates"];

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">The folder; created if it does not exist.</param>
    /// <param name="policy">The policy's folder.</param>
    /// <param name="network">The trained model.</param>
    /// <param name="options">Says which tensors were not trained: they are copied from the policy's files, bit by bit.</param>
    /// <param name="padding">The token that fills rows (<see cref="PaddingToken"/>); null to leave it as the policy has it.</param>
    public static void Write(
        string folder, string policy, RewardNetwork network, PreferenceOptions options, (int Id, string Text)? padding)
    {
        Directory.CreateDirectory(folder);
        WriteConfig(folder, policy, padding?.Id);
        CopyTokenizer(folder, policy);
        if (padding is { Text: var text })
        {
            SetPadding(Path.Combine(folder, "tokenizer_config.json"), text, addIfMissing: true);
            SetPadding(Path.Combine(folder, "special_tokens_map.json"), text, addIfMissing: false);
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var stored = CheckpointWeights.Open(policy);
        List<(string, Tensor)> weights = [];
        foreach ((string name, Tensor value) in network.Decoder.NamedWeights().Where(weight => weight.Name != "lm_head.weight"))
        {
            Tensor before = stored.TakeStored(name, value.shape);
            weights.Add((name, options.IsFrozen(name) ? before : value.to(before.dtype)));
        }

        weights.Add(("score.weight", network.Score.to(weights[^1].Item2.dtype)));
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"), weights, new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static void WriteConfig(string folder, string policy, int? padId)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(policy, "config.json")))!.AsObject();
        config["architectures"] = new JsonArray($"{CheckpointConfig.Load(policy).Family}ForSequenceClassification");
        config["num_labels"] = 1;
        config["id2label"] = new JsonObject { ["0"] = "LABEL_0" };
        config["label2id"] = new JsonObject { ["LABEL_0"] = 0 };
        config["pad_token_id"] = padId ?? config["pad_token_id"]?.DeepClone();
        // Would send transformers to the policy's own code, which the folder does not have.
        config.Remove("auto_map");
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString(Json) + "\n");
    }

    // Leaves a file unchanged that has this padding.
    private static void SetPadding(string path, string text, bool addIfMissing)
    {
        if (!File.Exists(path) || JsonNode.Parse(File.ReadAllBytes(path)) is not JsonObject names)
        {
            return;
        }

        JsonNode? now = names["pad_token"];
        string? before = now is JsonObject token ? (string?)token["content"] : (string?)now;
        if (before != text && (addIfMissing || before is not null))
        {
            names["pad_token"] = text;
            File.WriteAllText(path, names.ToJsonString(Json) + "\n");
        }
    }

    private static void CopyTokenizer(string folder, string policy)
    {
        IEnumerable<string> inFolders = TemplateFolders.Select(name => Path.Combine(policy, name))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFiles)
            .Select(path => Path.GetRelativePath(policy, path));
        foreach (string name in TokenizerFiles.Where(name => File.Exists(Path.Combine(policy, name))).Concat(inFolders))
        {
            string target = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(Path.Combine(policy, name)));
        }
    }
}
