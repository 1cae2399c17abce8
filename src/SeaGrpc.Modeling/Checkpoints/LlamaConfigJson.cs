using System.Text.Json;
using System.Text.Json.Serialization;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>config.json as the file has it: every key may be absent. <see cref="CheckpointConfig"/> resolves it once.</summary>
internal sealed record LlamaConfigJson
{
    [JsonPropertyName("architectures")]
    public IReadOnlyList<string>? Architectures { get; init; }

    [JsonPropertyName("vocab_size")]
    public int? VocabularySize { get; init; }

    [JsonPropertyName("hidden_size")]
    public int? HiddenSize { get; init; }

    [JsonPropertyName("intermediate_size")]
    public int? IntermediateSize { get; init; }

    [JsonPropertyName("num_hidden_layers")]
    public int? LayerCount { get; init; }

    [JsonPropertyName("num_attention_heads")]
    public int? HeadCount { get; init; }

    [JsonPropertyName("num_key_value_heads")]
    public int? KeyValueHeadCount { get; init; }

    [JsonPropertyName("head_dim")]
    public int? HeadSize { get; init; }

    [JsonPropertyName("max_position_embeddings")]
    public int? MaxPositions { get; init; }

    [JsonPropertyName("rope_theta")]
    public double? RopeTheta { get; init; }

    [JsonPropertyName("rope_scaling")]
    public RopeJson? RopeScaling { get; init; }

    [JsonPropertyName("rope_parameters")]
    public RopeJson? RopeParameters { get; init; }

    [JsonPropertyName("partial_rotary_factor")]
    public double? PartialRotaryFactor { get; init; }

    [JsonPropertyName("rms_norm_eps")]
    public double? RmsNormEpsilon { get; init; }

    [JsonPropertyName("tie_word_embeddings")]
    public bool? TieWordEmbeddings { get; init; }

    [JsonPropertyName("hidden_act")]
    public string? Activation { get; init; }

    [JsonPropertyName("attention_bias")]
    public bool? AttentionBias { get; init; }

    [JsonPropertyName("mlp_bias")]
    public bool? MlpBias { get; init; }

    [JsonPropertyName("quantization_config")]
    public JsonElement? QuantizationConfig { get; init; }

    [JsonPropertyName("num_labels")]
    public int? LabelCount { get; init; }

    [JsonPropertyName("id2label")]
    public IReadOnlyDictionary<string, JsonElement>? LabelNames { get; init; }

    [JsonPropertyName("bos_token_id")]
    public int? BosId { get; init; }

    [JsonPropertyName("eos_token_id")]
    public JsonElement? EosIds { get; init; }

    [JsonPropertyName("pad_token_id")]
    public int? PadId { get; init; }

    [JsonPropertyName("torch_dtype")]
    public string? TorchDtype { get; init; }

    [JsonPropertyName("dtype")]
    public string? Dtype { get; init; }

    /// <summary>rope_scaling, or rope_parameters as newer files have it.</summary>
    internal sealed record RopeJson
    {
        [JsonPropertyName("rope_type")]
        public string? RopeType { get; init; }

        [JsonPropertyName("type")]
        public string? Type { get; init; }

        [JsonPropertyName("rope_theta")]
        public double? RopeTheta { get; init; }

        [JsonPropertyName("partial_rotary_factor")]
        public double? PartialRotaryFactor { get; init; }
    }
}
