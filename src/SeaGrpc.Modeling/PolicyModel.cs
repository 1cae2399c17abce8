using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling;

/// <summary>A policy language model with its tokenizer: LlamaForCausalLM.</summary>
public sealed class PolicyModel : IDisposable
{
    /// <summary>Puts the parts together and takes the decoder over.</summary>
    public PolicyModel(TransformerDecoder decoder, Tokenizer tokenizer, ChatTemplate? template, ModelDescription description)
    {
        Decoder = decoder;
        Tokenizer = tokenizer;
        Template = template;
        Description = description;
    }

    /// <summary>The network; its output projection gives next-token logits.</summary>
    public TransformerDecoder Decoder { get; }

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The model's chat template, or null.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>What was loaded, for people and for GetServerInfo.</summary>
    public ModelDescription Description { get; }

    /// <inheritdoc/>
    public void Dispose() => Decoder.Dispose();
}
