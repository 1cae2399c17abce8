using System.Text.Json;
using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Lab.Training;

/// <summary>Writes trained models as Hugging Face folders: config.json, model.safetensors in bf16, generation_config.json.</summary>
public static class CheckpointFolder
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Writes a LlamaForCausalLM folder.</summary>
    /// <param name="folder">The folder; created if it does not exist.</param>
    /// <param name="decoder">The model.</param>
    /// <param name="ids">The control tokens' ids.</param>
    public static void WritePolicy(string folder, TransformerDecoder decoder, ControlIds ids)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(ids);
        Write(folder, decoder, "LlamaForCausalLM", ids, [.. decoder.NamedWeights()], new JsonObject());
        WriteJson(folder, "generation_config.json", new JsonObject
        {
            ["bos_token_id"] = ids.Begin,
            ["eos_token_id"] = ids.End,
            ["pad_token_id"] = ids.Padding,
            ["do_sample"] = true,
            ["temperature"] = 1.0,
        });
    }

    /// <summary>Writes a LlamaForSequenceClassification folder with one label, whose score counts errors.</summary>
    /// <param name="folder">The folder; created if it does not exist.</param>
    /// <param name="network">The model.</param>
    /// <param name="ids">The control tokens' ids.</param>
    public static void WriteReward(string folder, RewardNetwork network, ControlIds ids)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(ids);
        var weights = network.Decoder.NamedWeights().Append(("score.weight", network.Score));
        var labels = new JsonObject
        {
            ["num_labels"] = 1,
            ["id2label"] = new JsonObject { ["0"] = "LABEL_0" },
            ["label2id"] = new JsonObject { ["LABEL_0"] = 0 },
            // It counts errors, so that any difference is one. Without this, its score would be taken for one that was learnt from
            // preferences.
            ["min_reward_gain"] = 0,
        };
        Write(folder, network.Decoder, "LlamaForSequenceClassification", ids, [.. weights], labels);
    }

    private static void Write(
        string folder, TransformerDecoder decoder, string architecture, ControlIds ids, (string Name, Tensor Value)[] weights,
        JsonObject more)
    {
        Directory.CreateDirectory(folder);
        var config = decoder.Config;
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(architecture),
            ["model_type"] = "llama",
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_attention_heads"] = config.HeadCount,
            ["num_key_value_heads"] = config.KeyValueHeadCount,
            ["head_dim"] = config.HeadSize,
            ["max_position_embeddings"] = config.MaxPositions,
            ["rope_theta"] = config.RopeTheta,
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["hidden_act"] = "silu",
            ["attention_bias"] = false,
            ["mlp_bias"] = false,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["torch_dtype"] = "bfloat16",
            ["bos_token_id"] = ids.Begin,
            ["eos_token_id"] = ids.End,
            ["pad_token_id"] = ids.Padding,
        };
        foreach (var (key, value) in more)
        {
            json[key] = value?.DeepClone();
        }

        WriteJson(folder, "config.json", json);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            [.. weights.Select(weight => (weight.Name, weight.Value.to(ScalarType.BFloat16)))],
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static void WriteJson(string folder, string name, JsonObject json) =>
        File.WriteAllText(Path.Combine(folder, name), json.ToJsonString(Json) + "\n");
}
