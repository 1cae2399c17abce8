using System.Text.Json.Nodes;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Bench.Synthetic;

/// <summary>
/// Writes a policy and a reward model of random bf16 weights, for measuring: Llama form, in shards with an index. The reward
/// model's decoder is the policy's, by links, so that both need the disk space of one.
/// </summary>
public static class SyntheticCheckpoint
{
    /// <summary>The file of the reward model's folder that is written last: where it is, both folders are complete.</summary>
    public const string LastFile = "model.safetensors.index.json";

    private const double Deviation = 0.02;
    private static readonly string[] TokenizerFiles = ["tokenizer.json", "tokenizer_config.json"];

    /// <summary>
    /// Writes the folders <c>policy</c> and <c>reward</c>, a head on the policy. The tokenizer is another folder's; rows beyond its tokens
    /// are padding.
    /// </summary>
    /// <param name="folder">Where both go.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="tokenizerFolder">A checkpoint folder whose tokenizer is copied.</param>
    /// <param name="seed">Seed of the weights.</param>
    public static void Write(string folder, SyntheticShape shape, string tokenizerFolder, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(shape);
        WriteFolder(Path.Combine(folder, "policy"), shape, tokenizerFolder, isReward: false, shared: 0, seed);
        WriteReward(folder, "reward", shape, tokenizerFolder, shape.Layers, seed + 1);
    }

    /// <summary>Writes another reward model beside the policy.</summary>
    /// <param name="folder">Where the policy's folder is.</param>
    /// <param name="name">Name of the reward model's folder.</param>
    /// <param name="shape">Its shape, which is the policy's.</param>
    /// <param name="tokenizerFolder">A checkpoint folder whose tokenizer is copied.</param>
    /// <param name="shared">
    /// Number of lowest layers that are links to the policy's, together with the embeddings. The others have random weights of their own;
    /// if it is 0, so have the embeddings.
    /// </param>
    /// <param name="seed">Seed of its own weights.</param>
    public static void WriteReward(
        string folder, string name, SyntheticShape shape, string tokenizerFolder, int shared, ulong seed) =>
        WriteFolder(Path.Combine(folder, name), shape, tokenizerFolder, isReward: true, shared, seed);

    private static void WriteFolder(
        string folder, SyntheticShape shape, string tokenizerFolder, bool isReward, int shared, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Directory.CreateDirectory(folder);
        foreach (string file in TokenizerFiles)
        {
            File.Copy(Path.Combine(tokenizerFolder, file), Path.Combine(folder, file), overwrite: true);
        }

        File.WriteAllText(
            Path.Combine(folder, "config.json"), Config(shape, CheckpointConfig.Load(tokenizerFolder), isReward).ToJsonString());
        using var generator = SeededGenerator.Of(seed);
        var map = new JsonObject();
        foreach (IGrouping<string, (string Name, long[] Shape)> shard in Weights(CheckpointConfig.Load(folder).Transformer, !isReward)
            .GroupBy(weight => Shard(weight.Name)))
        {
            if (LayerOf(shard.Key) is var layer && isReward && shared > 0 && (layer is null || layer < shared))
            {
                Link(folder, shard.Key, [.. shard.Select(weight => weight.Name)], map);
            }
            else
            {
                WriteShard(folder, shard.Key, [.. shard], generator, map);
            }
        }

        if (isReward)
        {
            WriteShard(folder, "model-score.safetensors", [("score.weight", [1, shape.Hidden])], generator, map);
        }

        WriteIndex(folder, map);
    }

    private static void Link(string folder, string shard, string[] names, JsonObject map)
    {
        string link = Path.Combine(folder, shard);
        File.Delete(link);
        File.CreateSymbolicLink(link, Path.Combine("..", "policy", shard));
        using SafetensorsFile file = SafetensorsFile.Open(link);
        foreach (string name in file.Entries.Keys.Union(names))
        {
            map[name] = shard;
        }
    }

    private static string Shard(string name) => name.Split('.') is ["model", "layers", var layer, ..]
        ? $"model-layer-{layer}.safetensors"
        : "model-embeddings.safetensors";

    private static int? LayerOf(string shard) => shard.Split('-', '.') is ["model", "layer", var layer, _]
        ? int.Parse(layer, System.Globalization.CultureInfo.InvariantCulture)
        : null;

    // What the decoder asks for, by asking it.
    private static List<(string Name, long[] Shape)> Weights(TransformerConfig config, bool withOutput)
    {
        using var scope = NewDisposeScope();
        List<(string, long[])> asked = [];
        using var decoder = new TransformerDecoder(
            config,
            WeightSources.OneByOne((name, shape) =>
            {
                asked.Add((name, shape));
                return empty(shape, ScalarType.BFloat16, META);
            }),
            withOutput);
        return asked;
    }

    private static void WriteShard(string folder, string file, (string Name, long[] Shape)[] weights, Generator generator, JsonObject map)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            Path.Combine(folder, file), [.. weights.Select(weight => (weight.Name, Random(weight.Shape, generator)))],
            new Dictionary<string, string> { ["format"] = "pt" });
        foreach ((string name, _) in weights)
        {
            map[name] = file;
        }
    }

    private static Tensor Random(long[] shape, Generator generator) => shape.Length == 1
        ? ones(shape, ScalarType.BFloat16)
        : empty(shape, ScalarType.BFloat16).normal_(0, Deviation, generator);

    private static void WriteIndex(string folder, JsonObject map) =>
        File.WriteAllText(Path.Combine(folder, LastFile), new JsonObject { ["weight_map"] = map }.ToJsonString());

    private static JsonObject Config(SyntheticShape shape, CheckpointConfig tokens, bool isReward)
    {
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(isReward ? "LlamaForSequenceClassification" : "LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["vocab_size"] = shape.Vocabulary,
            ["hidden_size"] = shape.Hidden,
            ["intermediate_size"] = shape.FeedForward,
            ["num_hidden_layers"] = shape.Layers,
            ["num_attention_heads"] = shape.Heads,
            ["num_key_value_heads"] = shape.KeyValueHeads,
            ["max_position_embeddings"] = 131_072,
            ["rope_theta"] = 500_000.0,
            ["rope_scaling"] = new JsonObject
            {
                ["rope_type"] = "llama3",
                ["factor"] = 32.0,
                ["low_freq_factor"] = 1.0,
                ["high_freq_factor"] = 4.0,
                ["original_max_position_embeddings"] = 8192,
            },
            ["rms_norm_eps"] = 1e-5,
            ["hidden_act"] = "silu",
            ["tie_word_embeddings"] = shape.Tied,
            ["torch_dtype"] = "bfloat16",
            ["bos_token_id"] = tokens.BosId,
            ["eos_token_id"] = new JsonArray([.. tokens.EosIds.Select(id => (JsonNode)id)]),
            ["pad_token_id"] = tokens.PadId,
        };
        if (isReward)
        {
            json["num_labels"] = 1;
            json["id2label"] = new JsonObject { ["0"] = "LABEL_0" };
        }

        return json;
    }
}
