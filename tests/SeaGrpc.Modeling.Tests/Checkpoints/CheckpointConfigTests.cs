using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Testing;

namespace SeaGrpc.Modeling.Tests.Checkpoints;

public sealed class CheckpointConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly JsonObject _json = JsonNode.Parse(
        """
        {"architectures":["LlamaForCausalLM"],"vocab_size":100,"hidden_size":64,"intermediate_size":128,
         "num_hidden_layers":2,"num_attention_heads":4}
        """)!.AsObject();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Absent_keys_take_the_defaults_of_transformers()
    {
        var config = Load();
        Assert.Equal("LlamaForCausalLM", config.Architecture);
        Assert.Equal(4, config.Transformer.KeyValueHeadCount);
        Assert.Equal(16, config.Transformer.HeadSize);
        Assert.Equal(10_000, config.Transformer.RopeTheta);
        Assert.Equal(1e-6, config.Transformer.RmsNormEpsilon);
        Assert.Equal(2048, config.Transformer.MaxPositions);
        Assert.False(config.Transformer.TieWordEmbeddings);
        Assert.Equal(2, config.LabelCount);
        Assert.Null(config.BosId);
        Assert.Empty(config.EosIds);
        Assert.Null(config.Dtype);
    }

    [Theory]
    [InlineData("LlamaForSequenceClassification", "{}", 2)]
    [InlineData("LlamaForSequenceClassification", """{"num_labels":1}""", 1)]
    [InlineData("LlamaForSequenceClassification", """{"num_labels":3,"id2label":{"0":"a"}}""", 1)]
    [InlineData("Qwen2ForRewardModel", "{}", 1)]
    [InlineData("Qwen2ForRewardModel", """{"id2label":{"0":"LABEL_0","1":"LABEL_1"}}""", 1)]
    public void The_class_and_the_labels_say_how_many_outputs_there_are(string architecture, string labels, int count)
    {
        _json["architectures"] = new JsonArray(architecture);
        _json["num_attention_heads"] = 32;
        foreach (var (key, value) in JsonNode.Parse(labels)!.AsObject())
        {
            _json[key] = value!.DeepClone();
        }

        Assert.Equal(count, Load().LabelCount);
    }

    [Fact]
    public void Phi3_has_a_pre_training_length_of_its_own()
    {
        _json["architectures"] = new JsonArray("Phi3ForCausalLM");
        _json["max_position_embeddings"] = 8192;
        _json["rope_scaling"] = JsonNode.Parse("""{"type":"longrope","short_factor":[1,1,1,1,1,1,1,1],"long_factor":[2,2,2,2,2,2,2,2]}""");
        Assert.Equal(4096, Load().Transformer.MaxPositions);
    }

    [Theory]
    [InlineData("gelu_new")]
    [InlineData("gelu_fast")]
    public void Names_of_one_activation_are_one(string name)
    {
        _json["hidden_act"] = name;
        Assert.Equal(SeaGrpc.Modeling.Transformer.Activation.GeluTanh, Load().Transformer.Activation);
    }

    [Fact]
    public void Given_keys_are_read()
    {
        var given = """
            {"architectures":["LlamaForSequenceClassification"],"num_key_value_heads":2,"head_dim":32,"rope_theta":500000.0,"rms_norm_eps":1e-5,
             "max_position_embeddings":512,"tie_word_embeddings":true,"id2label":{"0":"LABEL_0"},"bos_token_id":1,"eos_token_id":[2,3],
             "pad_token_id":0,"torch_dtype":"bfloat16","rope_scaling":null,"quantization_config":null,"hidden_act":"silu"}
            """;
        foreach (var (key, value) in JsonNode.Parse(given)!.AsObject())
        {
            _json[key] = value?.DeepClone();
        }

        var config = Load();
        Assert.Equal("LlamaForSequenceClassification", config.Architecture);
        Assert.Equal((2, 32, 512), (config.Transformer.KeyValueHeadCount, config.Transformer.HeadSize, config.Transformer.MaxPositions));
        Assert.Equal(
            (500_000, 1e-5, true), (config.Transformer.RopeTheta, config.Transformer.RmsNormEpsilon, config.Transformer.TieWordEmbeddings));
        Assert.Equal((1, 1, 0, "bfloat16"), (config.LabelCount, config.BosId, config.PadId, config.Dtype));
        Assert.Equal([2, 3], config.EosIds);
    }

    [Fact]
    public void Newer_files_have_rope_parameters_and_dtype()
    {
        _json["rope_parameters"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 12345.0 };
        _json["dtype"] = "float32";
        _json["eos_token_id"] = 9;
        var config = Load();
        Assert.Equal(12345, config.Transformer.RopeTheta);
        Assert.Equal("float32", config.Dtype);
        Assert.Equal([9], config.EosIds);
    }

    [Theory]
    [InlineData("vocab_size")]
    [InlineData("hidden_size")]
    [InlineData("intermediate_size")]
    [InlineData("num_hidden_layers")]
    [InlineData("num_attention_heads")]
    [InlineData("architectures")]
    public void A_missing_key_is_named(string key)
    {
        _json.Remove(key);
        AssertFault(key, "missing");
    }

    [Theory]
    [InlineData("architectures", """["GPT2LMHeadModel"]""", "GPT2LMHeadModel", "LlamaForCausalLM", "Qwen2ForRewardModel")]
    [InlineData("architectures", """["LlamaForCausalLM","Other"]""", "Other")]
    [InlineData("architectures", "[]", "architectures")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":8.0}""", "rope_scaling", "llama3")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":8.0}""", "low_freq_factor", "missing")]
    [InlineData("rope_scaling", """{"type":"linear"}""", "rope_scaling", "linear", "factor")]
    [InlineData("rope_scaling", """{"type":"linear","factor":-1}""", "rope_scaling.factor", "greater than 0")]
    [InlineData("rope_parameters", """{"rope_type":"yarn"}""", "rope_parameters", "yarn", "factor", "missing")]
    [InlineData("rope_scaling", """{"rope_type":"mrope"}""", "rope_scaling", "mrope", "yarn")]
    [InlineData("attention_bias", "1", "attention_bias")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act", "gelu")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor")]
    [InlineData("quantization_config", """{"bits":4}""", "quantization_config")]
    [InlineData("quantization_config", """{"quant_method":"gptq"}""", "gptq", "F32, F16 or BF16")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads", "num_attention_heads")]
    [InlineData("num_attention_heads", "3", "hidden_size", "num_attention_heads")]
    [InlineData("head_dim", "15", "head_dim", "even")]
    [InlineData("vocab_size", "0", "vocab_size", "greater than 0")]
    [InlineData("hidden_size", "-64", "hidden_size", "greater than 0")]
    [InlineData("num_hidden_layers", "0", "num_hidden_layers")]
    [InlineData("max_position_embeddings", "-1", "max_position_embeddings")]
    [InlineData("rms_norm_eps", "0", "rms_norm_eps")]
    [InlineData("min_reward_gain", "-1", "min_reward_gain is -1; it must be at least 0")]
    [InlineData("min_reward_gain", "\"much\"", "min_reward_gain")]
    [InlineData("rope_theta", "-1", "rope_theta")]
    [InlineData("vocab_size", "\"many\"", "vocab_size")]
    [InlineData("vocab_size", "1e30", "vocab_size")]
    [InlineData("eos_token_id", "\"</s>\"", "eos_token_id")]
    [InlineData("eos_token_id", "[1,-2]", "eos_token_id")]
    [InlineData("num_labels", "0", "num_labels")]
    public void What_is_wrong_or_unsupported_is_named(string key, string value, params string[] named)
    {
        _json[key] = JsonNode.Parse(value);
        AssertFault(named);
    }

    [Fact]
    public void Custom_code_is_named_and_never_run()
    {
        _json["auto_map"] = new JsonObject { ["AutoModelForCausalLM"] = "modeling_other.OtherForCausalLM" };
        Assert.True(Load().NamesCustomCode);
        _json["architectures"] = new JsonArray("OtherForCausalLM");
        AssertFault("OtherForCausalLM", "auto_map", "never run");
    }

    [Theory]
    [InlineData("MistralForCausalLM", 8, 4096)]
    [InlineData("Gemma2ForCausalLM", 4, 4096)]
    [InlineData("Phi3ForCausalLM", 8, null)]
    public void A_familys_own_defaults_are_taken(string architecture, int keyValueHeads, int? window)
    {
        _json["architectures"] = new JsonArray(architecture);
        _json["num_attention_heads"] = 8;
        _json["max_position_embeddings"] = 5000;
        var config = Load().Transformer;
        Assert.Equal((keyValueHeads, window), (config.KeyValueHeadCount, config.WindowOf(0)));
    }

    [Theory]
    [InlineData("Llama", 32, 64, 2048, 1e-6, false, "Silu", null, null, false)]
    [InlineData("Mistral", 8, 64, 131_072, 1e-6, false, "Silu", 4096, 4096, false)]
    [InlineData("Qwen2", 32, 64, 32_768, 1e-6, false, "Silu", null, null, true)]
    [InlineData("Qwen3", 32, 128, 32_768, 1e-6, false, "Silu", null, null, false)]
    [InlineData("Gemma2", 4, 256, 8192, 1e-6, true, "GeluTanh", 4096, null, false)]
    [InlineData("Phi3", 32, 64, 4096, 1e-5, false, "Silu", null, null, false)]
    public void Every_absent_key_has_the_default_of_its_familys_class(
        string family, int keyValueHeads, int headSize, int positions, double epsilon, bool isTied, string activation, int? firstWindow,
        int? secondWindow, bool hasInputBias)
    {
        _json["num_attention_heads"] = 32;
        _json["hidden_size"] = 2048;
        foreach (string head in (string[])["ForCausalLM", "ForSequenceClassification"])
        {
            _json["architectures"] = new JsonArray(family + head);
            var config = Load();
            var shape = config.Transformer;
            Assert.Equal((keyValueHeads, headSize, positions), (shape.KeyValueHeadCount, shape.HeadSize, shape.MaxPositions));
            Assert.Equal((epsilon, isTied, activation), (shape.RmsNormEpsilon, shape.TieWordEmbeddings, shape.Activation.ToString()));
            Assert.Equal((10_000, 0), (shape.RopeTheta, shape.RotarySize));
            Assert.Null(shape.RotaryScaling);
            Assert.Equal((firstWindow, secondWindow), (shape.WindowOf(0), shape.WindowOf(1)));
            Assert.Equal((hasInputBias, false, false), (shape.AttentionInputBias, shape.AttentionOutputBias, shape.FeedForwardBias));
            Assert.Equal(
                family == "Gemma2" ? (256, 50, 30) : (0, null, null), (shape.QueryScalar, shape.AttentionSoftCap, shape.LogitSoftCap));
            Assert.Equal(2, config.LabelCount);
        }
    }

    [Theory]
    [InlineData("Qwen2")]
    [InlineData("Qwen3")]
    public void Qwens_windows_begin_at_layer_28(string family)
    {
        _json["architectures"] = new JsonArray($"{family}ForCausalLM");
        _json["num_attention_heads"] = 32;
        _json["num_hidden_layers"] = 30;
        _json["use_sliding_window"] = true;
        Assert.Equal((null, (int?)4096), (Load().Transformer.WindowOf(27), Load().Transformer.WindowOf(28)));
        _json["sliding_window"] = null;
        Assert.Null(Load().Transformer.WindowOf(28));
    }

    [Theory]
    [InlineData("Mistral")]
    [InlineData("Qwen2")]
    public void A_null_for_key_value_heads_is_one_for_each_head(string family)
    {
        _json["architectures"] = new JsonArray($"{family}ForCausalLM");
        _json["num_attention_heads"] = 16;
        _json["num_key_value_heads"] = null;
        Assert.Equal(16, Load().Transformer.KeyValueHeadCount);
    }

    [Fact]
    public void Layer_types_say_which_layers_have_a_window()
    {
        _json["architectures"] = new JsonArray("Gemma2ForCausalLM");
        _json["sliding_window"] = 64;
        _json["layer_types"] = new JsonArray("full_attention", "sliding_attention");
        Assert.Equal([null, 64], Load().Transformer.Windows);
        _json["layer_types"] = new JsonArray("full_attention");
        AssertFault("layer_types", "2 layers");
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("{", "JSON")]
    [InlineData("[]", "not an object")]
    [InlineData("null", "not an object")]
    public void A_damaged_file_is_named(string content, string named)
    {
        File.WriteAllText(_folder.File("config.json"), content);
        var error = Assert.Throws<CheckpointException>(() => CheckpointConfig.Load(_folder.Path));
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_or_folder_is_named()
    {
        Assert.Contains(
            "config.json: the file is missing", Assert.Throws<CheckpointException>(() => CheckpointConfig.Load(_folder.Path)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(_folder.File("model.gguf"), "");
        Assert.Contains(
            "a file, not a folder", Assert.Throws<CheckpointException>(() => CheckpointConfig.Load(_folder.File("model.gguf"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "lost", Assert.Throws<CheckpointException>(() => CheckpointConfig.Load(_folder.File("lost"))).Message,
            StringComparison.Ordinal);
    }

    private CheckpointConfig Load()
    {
        File.WriteAllText(_folder.File("config.json"), _json.ToJsonString());
        return CheckpointConfig.Load(_folder.Path);
    }

    private void AssertFault(params string[] named)
    {
        var error = Assert.Throws<CheckpointException>(Load);
        Assert.StartsWith(_folder.File("config.json") + ": ", error.Message, StringComparison.Ordinal);
        Assert.All(named, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
