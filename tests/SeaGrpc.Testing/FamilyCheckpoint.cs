using System.Text.Json.Nodes;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Checkpoints;
using static TorchSharp.torch;

namespace SeaGrpc.Testing;

/// <summary>
/// Tiny random checkpoints of every family, in the form that its makers publish: keys, names and shapes are written here by hand.
/// </summary>
public static class FamilyCheckpoint
{
    private const string Common =
        """
        "vocab_size":264,"hidden_size":24,"intermediate_size":40,"num_hidden_layers":3,"num_attention_heads":4,"num_key_value_heads":2,
        "max_position_embeddings":96,"bos_token_id":256,"eos_token_id":257
        """;

    /// <summary>config.json by the name of a case; architectures is left out.</summary>
    public static IReadOnlyDictionary<string, string> Configs { get; } =
        new Dictionary<string, string>
        {
            ["llama"] = """ "model_type":"llama","head_dim":10,"rope_theta":500000.0,"rms_norm_eps":1e-5 """,
            ["llama with biases, tied"] = """ "model_type":"llama","attention_bias":true,"mlp_bias":true,"tie_word_embeddings":true """,
            ["llama 3.1"] =
                """ "model_type":"llama","head_dim":16,"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":32} """,
            ["llama, linear, transformers 5"] =
                """ "model_type":"llama","rope_parameters":{"rope_type":"linear","factor":4.0,"rope_theta":7000.0},"dtype":"float32" """,
            ["llama, dynamic"] = """ "model_type":"llama","rope_scaling":{"type":"dynamic","factor":2.0} """,
            ["llama, yarn with DeepSeek's scales, transformers 5"] = """
                 "model_type":"llama","head_dim":24,"rope_parameters":{"rope_type":"yarn","factor":3.0,"rope_theta":200.0,"original_max_position_embeddings":32,
                 "beta_fast":6.0,"beta_slow":0.5,"mscale":1.0,"mscale_all_dim":0.7,"truncate":false}
                """,
            ["mistral"] = """ "model_type":"mistral","sliding_window":5,"head_dim":8 """,
            ["mistral without window"] = """ "model_type":"mistral","sliding_window":null """,
            ["qwen2"] = """ "model_type":"qwen2","use_sliding_window":false,"sliding_window":5,"rope_theta":1000000.0 """,
            ["qwen2, sliding"] =
                """ "model_type":"qwen2","use_sliding_window":true,"sliding_window":6,"max_window_layers":1,"tie_word_embeddings":true """,
            ["qwen2, yarn"] =
                """ "model_type":"qwen2","use_sliding_window":false,"head_dim":24,"rope_theta":100.0,"rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":96} """,
            ["qwen3"] = """ "model_type":"qwen3","head_dim":12 """,
            ["gemma2"] =
                """ "model_type":"gemma2","head_dim":8,"query_pre_attn_scalar":20,"attn_logit_softcapping":2.0,"final_logit_softcapping":3.0,"sliding_window":4 """,
            ["gemma2, divided by the head"] =
                """ "model_type":"gemma2","head_dim":8,"query_pre_attn_scalar":8,"attn_logit_softcapping":2.0,"final_logit_softcapping":3.0,"sliding_window":4 """,
            ["phi3"] = """ "model_type":"phi3","sliding_window":7 """,
            ["phi3 without window"] = """ "model_type":"phi3","sliding_window":96 """,
            ["phi3, longrope"] = """
                 "model_type":"phi3","num_attention_heads":2,"num_key_value_heads":1,"partial_rotary_factor":0.5,"original_max_position_embeddings":64,
                 "rope_scaling":{"type":"longrope","short_factor":[1.0,1.3,2.5],"long_factor":[1.0,3.0,6.0]}
                """,
        };

    /// <summary>The family's name in its architectures.</summary>
    public static string Family(JsonObject config) => (string?)config["model_type"] switch
    {
        "llama" => "Llama",
        "mistral" => "Mistral",
        "qwen2" => "Qwen2",
        "qwen3" => "Qwen3",
        "gemma2" => "Gemma2",
        _ => "Phi3",
    };

    /// <summary>Writes a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">A key of <see cref="Configs"/>.</param>
    /// <param name="head">What follows the family's name in architectures: ForCausalLM.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="dtype">The format of the weights on disk.</param>
    /// <param name="shards">Number of files.</param>
    /// <returns>The weights in double precision, row by row, as they stand on the disk.</returns>
    public static Dictionary<string, double[]> Write(
        string folder, string name, string head = "ForCausalLM", ulong seed = 1, ScalarType dtype = ScalarType.Float32, int shards = 1)
    {
        Directory.CreateDirectory(folder);
        JsonObject config = Parse(name);
        config["architectures"] = new JsonArray(Family(config) + head);
        if (head != "ForCausalLM")
        {
            config["id2label"] = new JsonObject { ["0"] = "LABEL_0" };
        }

        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        TinyCheckpoint.WriteTokenizer(folder);
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        (string Name, Tensor Value)[] weights =
            [.. Shapes(config, head).Select(weight => (weight.Name, Random(weight.Name, weight.Shape, config, generator).to(dtype)))];
        WriteShards(folder, weights, shards);
        return weights.ToDictionary(weight => weight.Name, weight => weight.Value.to(ScalarType.Float64).data<double>().ToArray());
    }

    /// <summary>A case's config.json without architectures.</summary>
    /// <remarks>A key of the case stands in place of the common one.</remarks>
    public static JsonObject Parse(string name)
    {
        JsonObject config = JsonNode.Parse("{" + Common + "}")!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse("{" + Configs[name] + "}")!.AsObject())
        {
            config[key] = value?.DeepClone();
        }

        return config;
    }

    private static void WriteShards(string folder, (string Name, Tensor Value)[] weights, int shards)
    {
        if (shards == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), weights);
            return;
        }

        var map = new JsonObject();
        for (int shard = 0; shard < shards; shard++)
        {
            string file = $"model-{shard + 1:00000}-of-{shards:00000}.safetensors";
            (string Name, Tensor Value)[] own = [.. weights.Where((_, index) => index % shards == shard)];
            SafetensorsWriter.Write(Path.Combine(folder, file), own);
            foreach ((string name, _) in own)
            {
                map[name] = file;
            }
        }

        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
    }

    private static Tensor Random(string name, long[] shape, JsonObject config, Generator generator)
    {
        Tensor values = randn(shape, generator: generator);
        return name.Contains("norm", StringComparison.Ordinal) && (string?)config["model_type"] != "gemma2"
            ? values.Times(0.1).Plus(1)
            : values.Times(shape.Length == 1 ? 0.2 : 0.3);
    }

    private static IEnumerable<(string Name, long[] Shape)> Shapes(JsonObject config, string head)
    {
        long hidden = (long)config["hidden_size"]!;
        long wide = (long)config["intermediate_size"]!;
        long heads = (long)config["num_attention_heads"]!;
        long headSize = (long?)config["head_dim"] ?? hidden / heads;
        (long queries, long keys) = (heads * headSize, (long)config["num_key_value_heads"]! * headSize);
        string family = Family(config);
        yield return ("model.embed_tokens.weight", [(long)config["vocab_size"]!, hidden]);
        for (int layer = 0; layer < (int)config["num_hidden_layers"]!; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            bool biased = config["attention_bias"] is not null;
            (string, long, long, bool)[] maps = family == "Phi3"
                ? [("self_attn.qkv_proj", queries + (2 * keys), hidden, false), ("mlp.gate_up_proj", 2 * wide, hidden, false)]
                :
                [
                    ("self_attn.q_proj", queries, hidden, biased || family == "Qwen2"),
                    ("self_attn.k_proj", keys, hidden, biased || family == "Qwen2"),
                    ("self_attn.v_proj", keys, hidden, biased || family == "Qwen2"),
                    ("mlp.gate_proj", wide, hidden, config["mlp_bias"] is not null),
                    ("mlp.up_proj", wide, hidden, config["mlp_bias"] is not null),
                ];
            foreach ((string map, long outputs, long inputs, bool bias) in maps.Append(("self_attn.o_proj", hidden, queries, biased))
                .Append(("mlp.down_proj", hidden, wide, config["mlp_bias"] is not null)))
            {
                yield return ($"{prefix}{map}.weight", [outputs, inputs]);
                if (bias)
                {
                    yield return ($"{prefix}{map}.bias", [outputs]);
                }
            }

            string[] norms = family == "Gemma2"
                ? ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"]
                : ["input_layernorm", "post_attention_layernorm"];
            foreach (string norm in norms)
            {
                yield return ($"{prefix}{norm}.weight", [hidden]);
            }

            if (family == "Qwen3")
            {
                yield return ($"{prefix}self_attn.q_norm.weight", [headSize]);
                yield return ($"{prefix}self_attn.k_norm.weight", [headSize]);
            }
        }

        yield return ("model.norm.weight", [hidden]);
        bool tied = (bool?)config["tie_word_embeddings"] ?? family == "Gemma2";
        if (head == "ForCausalLM" && !tied)
        {
            yield return ("lm_head.weight", [(long)config["vocab_size"]!, hidden]);
        }

        if (head == "ForSequenceClassification")
        {
            yield return ("score.weight", [1, hidden]);
        }

        if (head == "ForRewardModel")
        {
            yield return ("score.0.weight", [hidden, hidden]);
            yield return ("score.0.bias", [hidden]);
            yield return ("score.2.weight", [1, hidden]);
            yield return ("score.2.bias", [1]);
        }
    }
}
