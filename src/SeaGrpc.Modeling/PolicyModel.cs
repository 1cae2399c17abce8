using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Loading;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using TorchSharp;

namespace SeaGrpc.Modeling;

/// <summary>
/// A policy language model with its tokenizer: a ForCausalLM model of any supported family, loaded, or only described where it runs
/// elsewhere.
/// </summary>
public sealed class PolicyModel : IDisposable
{
    private readonly TransformerDecoder? _decoder;

    /// <summary>Combines the parts and takes ownership of the decoder.</summary>
    public PolicyModel(TransformerDecoder decoder, Tokenizer tokenizer, ChatTemplate? template, ModelDescription description)
    {
        _decoder = decoder;
        Tokenizer = tokenizer;
        Template = template;
        Description = description;
    }

    private PolicyModel(Tokenizer tokenizer, ChatTemplate? template, ModelDescription description)
    {
        Tokenizer = tokenizer;
        Template = template;
        Description = description;
    }

    /// <summary>Whether its network is loaded. Otherwise the policy runs elsewhere.</summary>
    public bool IsLoaded => _decoder is not null;

    /// <summary>The network. Its output projection gives next-token logits.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded.</exception>
    public TransformerDecoder Decoder =>
        _decoder ?? throw new InvalidOperationException("The policy runs elsewhere: its network is not loaded.");

    /// <summary>Device of the network; the CPU if it is not loaded.</summary>
    public torch.Device Device => _decoder?.Device ?? torch.CPU;

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

    /// <summary>
    /// Reads what is needed here of a policy that runs elsewhere: config.json, tokenizer.json, and a chat template if there is one.
    /// </summary>
    /// <param name="folder">A Hugging Face checkpoint folder; its weights are not read.</param>
    /// <param name="name">Its name; null for the last part of the folder's path.</param>
    /// <param name="maxPositions">Its longest sequence there; null for the folder's.</param>
    /// <exception cref="CheckpointException">
    /// A file is missing, damaged or inconsistent. The message names it and what to change.
    /// </exception>
    public static PolicyModel Elsewhere(string folder, string? name = null, int? maxPositions = null)
    {
        CheckpointConfig config = CheckpointConfig.Load(folder);
        Tokenizer tokenizer = Tokenizer.Load(folder, config.Transformer.VocabularySize);
        ChatTemplate? template = ChatTemplate.Load(folder);
        TokenizerFit.Check(folder, tokenizer, template, config);
        int longest = Math.Min(maxPositions ?? int.MaxValue, config.Transformer.MaxPositions);
        return new PolicyModel(tokenizer, template, new ModelDescription(
            name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            config.Architecture, Hash: "", Device: "", Dtype: "", 0, config.Transformer.VocabularySize, longest));
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder?.Dispose();
}
