using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>Turns config.json into a complete configuration, or reports what is wrong with it and what would work.</summary>
internal sealed class ConfigResolver(ConfigReader config)
{
    private const int DefaultLabelCount = 2;

    public CheckpointConfig Resolve()
    {
        ModelArchitecture architecture = ResolveArchitecture();
        RefuseQuantized();
        return new CheckpointConfig
        {
            Architecture = architecture.Name,
            Family = architecture.Family.Name,
            Head = architecture.Head,
            Transformer = ResolveTransformer(architecture.Family),
            Labels = ResolveLabels(architecture.Head),
            MinRewardGain = config.NumberOrZero("min_reward_gain"),
            BosId = config.Id("bos_token_id"),
            EosIds = config.Ids("eos_token_id"),
            PadId = config.Id("pad_token_id"),
            Dtype = config.Text("torch_dtype") ?? config.Text("dtype"),
            NamesCustomCode = config.Has("auto_map"),
        };
    }

    private ModelArchitecture ResolveArchitecture()
    {
        IReadOnlyList<string> names = config.Texts("architectures");
        if (names.Count == 0)
        {
            throw config.Fault($"architectures is missing; it must name one of {Supported}.");
        }

        if (names.Count == 1 && ModelArchitecture.All.SingleOrDefault(known => known.Name == names[0]) is { } found)
        {
            return found;
        }

        string custom = config.Has("auto_map")
            ? " Its auto_map names Python code that comes with the checkpoint, and such code is never run."
            : "";
        throw config.Fault($"architectures names {string.Join(", ", names)}, which is not supported; supported are {Supported}.{custom}");
    }

    // Qwen2ForRewardModel has one label whatever config.json says: its class fixes it.
    private IReadOnlyList<string> ResolveLabels(ModelHead head)
    {
        IReadOnlyList<string> labels = config.Indexed("id2label")
            ?? [.. Enumerable.Range(0, config.Count("num_labels") ?? DefaultLabelCount).Select(label => $"LABEL_{label}")];
        return head == ModelHead.TwoLayerScore ? [labels.Count == 1 ? labels[0] : "LABEL_0"] : labels;
    }

    private void RefuseQuantized()
    {
        if (config.Inner("quantization_config") is { } quantization)
        {
            string method = quantization.Text("quant_method") is { } named ? $" (quant_method {named})" : "";
            throw config.Fault(
                $"quantization_config is present{method}, and quantized weights are not supported: gradients at the embeddings need the "
                + "weights themselves. Use the checkpoint that it was made from, in F32, F16 or BF16.");
        }
    }

    private TransformerConfig ResolveTransformer(IModelFamily family)
    {
        FamilyDefaults defaults = family.Defaults;
        int hidden = config.Required("hidden_size");
        int heads = config.Required("num_attention_heads");
        // null means one per head, whatever the class uses for an absent key.
        int keyValueHeads = config.Count("num_key_value_heads")
            ?? (config.HasKey("num_key_value_heads") ? heads : defaults.KeyValueHeads ?? heads);
        if (heads % keyValueHeads != 0)
        {
            throw config.Fault($"num_attention_heads ({heads}) is not a multiple of num_key_value_heads ({keyValueHeads}).");
        }

        TransformerConfig common = RotaryReader.Complete(config, defaults, new TransformerConfig
        {
            VocabularySize = config.Required("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = config.Required("intermediate_size"),
            LayerCount = config.Required("num_hidden_layers"),
            HeadCount = heads,
            KeyValueHeadCount = keyValueHeads,
            HeadSize = ResolveHeadSize(defaults, hidden, heads),
            MaxPositions = config.Count("max_position_embeddings") ?? defaults.MaxPositions,
            RopeTheta = 1,
            RmsNormEpsilon = config.Number("rms_norm_eps") ?? defaults.RmsNormEpsilon,
            TieWordEmbeddings = config.Flag("tie_word_embeddings") ?? defaults.TieWordEmbeddings,
            Activation = ResolveActivation(defaults),
        });
        return family.Complete(config, common);
    }

    private int ResolveHeadSize(FamilyDefaults defaults, int hidden, int heads)
    {
        int? given = config.Count("head_dim") ?? defaults.HeadSize;
        if (given is null && hidden % heads != 0)
        {
            throw config.Fault($"hidden_size ({hidden}) is not a multiple of num_attention_heads ({heads}), and head_dim is not given.");
        }

        int size = given ?? hidden / heads;
        return size % 2 == 0 ? size : throw config.Fault($"head_dim is {size}; rotary embeddings need an even number.");
    }

    private Activation ResolveActivation(FamilyDefaults defaults)
    {
        string name = config.Text(defaults.ActivationKey) ?? defaults.Activation;
        return name switch
        {
            "silu" or "swish" => Activation.Silu,
            "gelu_pytorch_tanh" or "gelu_new" or "gelu_fast" => Activation.GeluTanh,
            _ => throw config.Fault(
                $"{defaults.ActivationKey} is '{name}', which is not supported; "
                    + "supported are silu (swish) and gelu_pytorch_tanh (gelu_new, gelu_fast)."
            ),
        };
    }

    private static string Supported => ModelArchitecture.Names(ModelHead.Language, ModelHead.Score, ModelHead.TwoLayerScore);
}
