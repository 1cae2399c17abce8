using System.Text.Json;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Turns a nullable config.json into a complete configuration, or says what is wrong with it.</summary>
/// <remarks>Defaults: transformers' LlamaConfig. What changes the computation and is not built here is refused.</remarks>
internal sealed class LlamaConfigResolver(string path, LlamaConfigJson json)
{
    private const double DefaultRopeTheta = 10_000;
    private const double DefaultRmsNormEpsilon = 1e-6;
    private const int DefaultMaxPositions = 2048;
    private const int DefaultLabelCount = 2;

    internal CheckpointConfig Resolve()
    {
        var architecture = ResolveArchitecture();
        RefuseUnsupported();
        return new CheckpointConfig
        {
            Architecture = architecture,
            Transformer = ResolveTransformer(),
            LabelCount = Positive("num_labels", json.LabelNames?.Count ?? json.LabelCount ?? DefaultLabelCount),
            BosId = json.BosId,
            EosIds = ResolveEosIds(),
            PadId = json.PadId,
            Dtype = json.TorchDtype ?? json.Dtype,
        };
    }

    private string ResolveArchitecture()
    {
        const string supported = $"{CheckpointConfig.CausalLanguageModel} and {CheckpointConfig.SequenceClassifier}";
        return json.Architectures switch
        {
            null or [] => throw Fault($"architectures is missing; it must name one of {supported}."),
            [CheckpointConfig.CausalLanguageModel or CheckpointConfig.SequenceClassifier] => json.Architectures[0],
            _ => throw Fault(
                $"architectures names {string.Join(", ", json.Architectures)}, which is not supported; supported are {supported}."),
        };
    }

    private void RefuseUnsupported()
    {
        if (json.QuantizationConfig is { ValueKind: not JsonValueKind.Null })
        {
            throw Fault("quantization_config is present, and quantized weights are not supported; use a checkpoint in F32, F16 or BF16.");
        }

        if (json.Activation is not null and not "silu")
        {
            throw Fault($"hidden_act is '{json.Activation}', which is not supported; supported is silu.");
        }

        if (json.AttentionBias == true)
        {
            throw Fault("attention_bias is true, which is not supported; use a checkpoint without biases.");
        }

        if (json.MlpBias == true)
        {
            throw Fault("mlp_bias is true, which is not supported; use a checkpoint without biases.");
        }

        RefuseScaledRope("rope_scaling", json.RopeScaling);
        RefuseScaledRope("rope_parameters", json.RopeParameters);
        var partial = json.PartialRotaryFactor ?? json.RopeParameters?.PartialRotaryFactor ?? 1;
        if (partial != 1)
        {
            throw Fault($"partial_rotary_factor is {partial}, which is not supported; supported is 1.");
        }
    }

    private void RefuseScaledRope(string key, LlamaConfigJson.RopeJson? rope)
    {
        if (rope is not null && (rope.RopeType ?? rope.Type ?? "default") is var type and not "default")
        {
            throw Fault($"{key} asks for rotary embeddings of type '{type}', which is not supported; supported is null or 'default'.");
        }
    }

    private TransformerConfig ResolveTransformer()
    {
        var hidden = Required("hidden_size", json.HiddenSize);
        var heads = Required("num_attention_heads", json.HeadCount);
        var keyValueHeads = Positive("num_key_value_heads", json.KeyValueHeadCount ?? heads);
        if (heads % keyValueHeads != 0)
        {
            throw Fault($"num_attention_heads ({heads}) is not a multiple of num_key_value_heads ({keyValueHeads}).");
        }

        if (json.HeadSize is null && hidden % heads != 0)
        {
            throw Fault($"hidden_size ({hidden}) is not a multiple of num_attention_heads ({heads}), and head_dim is not given.");
        }

        var headSize = Positive("head_dim", json.HeadSize ?? (hidden / heads));
        if (headSize % 2 != 0)
        {
            throw Fault($"head_dim is {headSize}; rotary embeddings need an even number.");
        }

        return new TransformerConfig
        {
            VocabularySize = Required("vocab_size", json.VocabularySize),
            HiddenSize = hidden,
            IntermediateSize = Required("intermediate_size", json.IntermediateSize),
            LayerCount = Required("num_hidden_layers", json.LayerCount),
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads,
            HeadSize = headSize,
            MaxPositions = Positive("max_position_embeddings", json.MaxPositions ?? DefaultMaxPositions),
            RopeTheta = Positive("rope_theta", json.RopeParameters?.RopeTheta ?? json.RopeTheta ?? DefaultRopeTheta),
            RmsNormEpsilon = Positive("rms_norm_eps", json.RmsNormEpsilon ?? DefaultRmsNormEpsilon),
            TieWordEmbeddings = json.TieWordEmbeddings ?? false,
        };
    }

    private int[] ResolveEosIds() => TokenIds.TryRead(json.EosIds, out var ids)
        ? ids
        : throw Fault("eos_token_id is neither a token id nor a list of them.");

    private int Required(string key, int? value) =>
        Positive(key, value ?? throw Fault($"{key} is missing; config.json must give it."));

    private int Positive(string key, int value) =>
        value > 0 ? value : throw Fault($"{key} is {value}; it must be greater than 0.");

    private double Positive(string key, double value) =>
        double.IsFinite(value) && value > 0 ? value : throw Fault($"{key} is {value}; it must be greater than 0.");

    private CheckpointException Fault(string problem) => new(path, problem);
}
