using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using static TorchSharp.torch;

namespace SeaGrpc.Testing;

/// <summary>A tiny checkpoint in llama.cpp's names and layouts.</summary>
public static class GgufModel
{
    private const int Control = 3;

    /// <summary>A Llama of one file with a byte-level tokenizer, as llama.cpp reads it.</summary>
    /// <param name="folder">Its folder.</param>
    public static GgufFile OfFolder(string folder)
    {
        JsonNode Json(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, name)))!;
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        var weights = new Dictionary<string, double[]>();
        foreach (string name in file.Entries.Keys)
        {
            using Tensor tensor = file.Read(name, ScalarType.Float32, CPU);
            weights[name] = [.. tensor.data<float>().ToArray().Select(value => (double)value)];
        }

        return Of(Json("config.json").AsObject(), "Llama", weights, Json("tokenizer.json"));
    }

    /// <summary>The file, to be written.</summary>
    /// <param name="config">The checkpoint's config.json.</param>
    /// <param name="family">Its family.</param>
    /// <param name="weights">Its weights, by Hugging Face's names.</param>
    /// <param name="tokenizer">Its tokenizer.json, byte-level with GPT-2's words; null where only ids are used.</param>
    public static GgufFile Of(
        JsonObject config, string family, IReadOnlyDictionary<string, double[]> weights, JsonNode? tokenizer = null)
    {
        // llama.cpp reads Mistral as Llama.
        string kind = family == "Mistral" ? "llama" : (string)config["model_type"]!;
        int hidden = (int)config["hidden_size"]!;
        int heads = (int)config["num_attention_heads"]!;
        int groups = (int)config["num_key_value_heads"]!;
        int head = (int?)config["head_dim"] ?? hidden / heads;
        var file = new GgufFile();
        file.Add("general.architecture", kind);
        file.Add($"{kind}.context_length", (int)config["max_position_embeddings"]!);
        file.Add($"{kind}.embedding_length", hidden);
        file.Add($"{kind}.block_count", (int)config["num_hidden_layers"]!);
        file.Add($"{kind}.feed_forward_length", (int)config["intermediate_size"]!);
        file.Add($"{kind}.attention.head_count", heads);
        file.Add($"{kind}.attention.head_count_kv", groups);
        file.Add($"{kind}.attention.key_length", head);
        file.Add($"{kind}.attention.value_length", head);
        file.Add($"{kind}.attention.layer_norm_rms_epsilon", (float)((double?)config["rms_norm_eps"] ?? (family == "Phi3" ? 1e-5 : 1e-6)));
        file.Add($"{kind}.rope.dimension_count", head);
        AddRope(file, kind, config, head);
        if (family is "Gemma2" or "Phi3")
        {
            file.Add($"{kind}.attention.sliding_window", (int)config["sliding_window"]!);
        }

        if (family == "Gemma2")
        {
            file.Add($"{kind}.attn_logit_softcapping", (float)config["attn_logit_softcapping"]!);
            file.Add($"{kind}.final_logit_softcapping", (float)config["final_logit_softcapping"]!);
        }

        AddVocabulary(file, config, tokenizer);
        foreach ((string name, double[] values) in weights)
        {
            bool isPermuted = kind == "llama"
                && (name.Contains(".q_proj.", StringComparison.Ordinal) || name.Contains(".k_proj.", StringComparison.Ordinal));
            double[] stored = isPermuted ? Permuted(values, head, name.EndsWith(".bias", StringComparison.Ordinal) ? 1 : hidden)
                : family == "Gemma2" && name.Contains("norm", StringComparison.Ordinal) ? [.. values.Select(value => value + 1)]
                : values;
            file.Add(
                Name(name, family), Columns(name, values.Length, hidden, heads * head, (int)config["intermediate_size"]!, head), stored);
        }

        return file;
    }

    private static void AddRope(GgufFile file, string kind, JsonObject config, int head)
    {
        JsonObject? rope = (config["rope_parameters"] ?? config["rope_scaling"])?.AsObject();
        double theta = (double?)rope?["rope_theta"] ?? (double?)config["rope_theta"] ?? 10_000;
        file.Add($"{kind}.rope.freq_base", (float)theta);
        string? type = (string?)(rope?["rope_type"] ?? rope?["type"]);
        if (type == "linear")
        {
            file.Add($"{kind}.rope.scaling.type", "linear");
            file.Add($"{kind}.rope.scaling.factor", (float)rope!["factor"]!);
        }

        if (type == "llama3")
        {
            (double factor, double low, double high) = (
                (double)rope!["factor"]!, (double)rope["low_freq_factor"]!, (double)rope["high_freq_factor"]!);
            double original = (double)rope["original_max_position_embeddings"]!;
            file.Add("rope_freqs.weight", head / 2, [.. Enumerable.Range(0, head / 2).Select(pair =>
            {
                double turns = original / (2 * Math.PI * Math.Pow(theta, 2.0 * pair / head));
                double smooth = Math.Clamp((turns - low) / (high - low), 0, 1);
                return 1 / (((1 - smooth) / factor) + smooth);
            })]);
        }
    }

    // Without a tokenizer any texts will do.
    private static void AddVocabulary(GgufFile file, JsonObject config, JsonNode? tokenizer)
    {
        int size = (int)config["vocab_size"]!;
        string[] tokens = [.. Enumerable.Range(0, size).Select(id => $"t{id}")];
        int[] types = [.. Enumerable.Repeat(1, size)];
        string[] merges = ["t 1"];
        if (tokenizer is not null)
        {
            foreach ((string text, JsonNode? id) in tokenizer["model"]!["vocab"]!.AsObject())
            {
                tokens[(int)id!] = text;
            }

            foreach (JsonNode? added in tokenizer["added_tokens"]!.AsArray())
            {
                tokens[(int)added!["id"]!] = (string)added["content"]!;
                types[(int)added["id"]!] = (bool)added["special"]! ? Control : 1;
            }

            merges = [.. tokenizer["model"]!["merges"]!.AsArray().Select(pair => (string)pair!)];
        }

        file.Add("tokenizer.ggml.model", "gpt2");
        file.Add("tokenizer.ggml.pre", "gpt-2");
        file.Add("tokenizer.ggml.tokens", tokens);
        file.Add("tokenizer.ggml.token_type", types);
        file.Add("tokenizer.ggml.merges", merges);
        file.Add("tokenizer.ggml.bos_token_id", (int?)config["bos_token_id"] ?? 256);
        file.Add("tokenizer.ggml.eos_token_id", (int?)config["eos_token_id"] ?? 257);
    }

    private static int Columns(string name, int length, int hidden, int queries, int wide, int head)
    {
        if (name.EndsWith(".bias", StringComparison.Ordinal) || name.Contains("norm", StringComparison.Ordinal))
        {
            return length;
        }

        return name.Contains(".o_proj.", StringComparison.Ordinal)
            ? queries
            : name.Contains(".down_proj.", StringComparison.Ordinal)
            ? wide
            : hidden;
    }

    private static string Name(string name, string family)
    {
        string[] parts = name.Split('.');
        if (parts[1] != "layers")
        {
            return name switch
            {
                "model.embed_tokens.weight" => "token_embd.weight",
                "model.norm.weight" => "output_norm.weight",
                _ => "output.weight",
            };
        }

        string own = parts[^2] switch
        {
            "q_proj" => "attn_q",
            "k_proj" => "attn_k",
            "v_proj" => "attn_v",
            "qkv_proj" => "attn_qkv",
            "o_proj" => "attn_output",
            "q_norm" => "attn_q_norm",
            "k_norm" => "attn_k_norm",
            "gate_proj" => "ffn_gate",
            "up_proj" or "gate_up_proj" => "ffn_up",
            "down_proj" => "ffn_down",
            "input_layernorm" => "attn_norm",
            "post_attention_layernorm" => family == "Gemma2" ? "post_attention_norm" : "ffn_norm",
            "pre_feedforward_layernorm" => "ffn_norm",
            _ => "post_ffw_norm",
        };
        return $"blk.{parts[2]}.{own}.{parts[^1]}";
    }

    // llama.cpp's Llama rotates neighbouring rows, Hugging Face's halves of a head.
    private static double[] Permuted(double[] values, int head, int columns)
    {
        int rows = values.Length / columns;
        var permuted = new double[values.Length];
        for (int row = 0; row < rows; row++)
        {
            int inHead = row % head;
            int target = row - inHead + (inHead < head / 2 ? 2 * inHead : (2 * (inHead - (head / 2))) + 1);
            Array.Copy(values, row * columns, permuted, target * columns, columns);
        }

        return permuted;
    }
}
