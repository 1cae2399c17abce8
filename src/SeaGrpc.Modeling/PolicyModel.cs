using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Loading;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;

namespace SeaGrpc.Modeling;

/// <summary>A policy language model with its tokenizer: a ForCausalLM model of any supported family.</summary>
public sealed class PolicyModel : IDisposable
{
    /// <summary>Combines the parts and takes ownership of the decoder.</summary>
    public PolicyModel(TransformerDecoder decoder, Tokenizer tokenizer, ChatTemplate? template, ModelDescription description)
    {
        Decoder = decoder;
        Tokenizer = tokenizer;
        Template = template;
        Description = description;
    }

    /// <summary>The network. Its output projection gives next-token logits.</summary>
    public TransformerDecoder Decoder { get; }

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The model's chat template, or null.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>Description of the loaded model, for people and for GetServerInfo.</summary>
    public ModelDescription Description { get; }

    /// <summary>Loads a language model's folder: config.json, tokenizer.json, safetensors, and a chat template if there is one.</summary>
    /// <param name="folder">A Hugging Face checkpoint folder.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="CheckpointException">
    /// A file is missing, damaged or inconsistent. The message names it and what to change.
    /// </exception>
    /// <exception cref="ArgumentException">The device is unknown or absent.</exception>
    public static PolicyModel Load(string folder, ModelLoadOptions? options = null)
    {
        using var loader = new CheckpointLoader(folder, [ModelHead.Language], options ?? new ModelLoadOptions());
        TransformerDecoder decoder = loader.Decoder(withOutput: true);
        try
        {
            return new PolicyModel(decoder, loader.Tokenizer, loader.Template, loader.Describe(decoder, headWeights: 0));
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Decoder.Dispose();
}
