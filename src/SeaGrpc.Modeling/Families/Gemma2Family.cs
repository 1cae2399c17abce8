using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling.Families;

/// <summary>
/// Gemma 2: RMSNorms with (1 + weight) before and after each sub-layer, scaled embeddings, GeGLU, soft-capped scores and logits, its own
/// score divisor, and a sliding window in every other layer, starting with the first.
/// </summary>
internal sealed class Gemma2Family : IModelFamily
{
    public string Name => "Gemma2";

    public FamilyDefaults Defaults { get; } = new()
    {
        KeyValueHeads = 4,
        HeadSize = 256,
        MaxPositions = 8192,
        TieWordEmbeddings = true,
        ActivationKey = "hidden_activation",
        Activation = "gelu_pytorch_tanh",
    };

    public TransformerConfig Complete(ConfigReader config, TransformerConfig common) => common with
    {
        NormUnitOffset = true,
        OutputNorms = true,
        ScaleEmbeddings = true,
        QueryScalar = config.Number("query_pre_attn_scalar") ?? 256,
        AttentionSoftCap = config.HasKey("attn_logit_softcapping") ? config.Number("attn_logit_softcapping") : 50,
        LogitSoftCap = config.HasKey("final_logit_softcapping") ? config.Number("final_logit_softcapping") : 30,
        AttentionInputBias = config.Flag("attention_bias") ?? false,
        AttentionOutputBias = config.Flag("attention_bias") ?? false,
        Windows = LayerWindows.Read(
            config, common, absent: config.HasKey("sliding_window") ? null : 4096, isSliding: layer => layer % 2 == 0),
    };
}
