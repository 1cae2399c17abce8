using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Loading;

/// <summary>Reads the parts of a checkpoint folder that policies and reward models have in common.</summary>
internal sealed class CheckpointLoader : IDisposable
{
    private readonly string _folder;
    private readonly string? _name;
    private readonly CheckpointWeights _weights;
    private readonly DtypeChoice _choice;
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Task<string> _hash;
    private string? _beside;

    /// <summary>Reads everything except the weights, which are only opened.</summary>
    /// <param name="folder">The checkpoint folder.</param>
    /// <param name="heads">The heads that the checkpoint may have.</param>
    /// <param name="options">Device and format to load it with.</param>
    public CheckpointLoader(string folder, ModelHead[] heads, ModelLoadOptions options)
    {
        _folder = folder;
        _name = options.Name;
        Config = CheckpointConfig.Load(folder);
        if (!heads.Contains(Config.Head))
        {
            throw new CheckpointException(
                Path.Combine(folder, "config.json"),
                $"the architecture is {Config.Architecture}, but one of {ModelArchitecture.Names(heads)} is required here; check that the "
                    + "policy and the reward model are not swapped.");
        }

        Device = ModelDevice.Resolve(options.Device);
        Tokenizer = Tokenizer.Load(folder, Config.Transformer.VocabularySize);
        Template = ChatTemplate.Load(folder);
        TokenizerFit.Check(folder, Tokenizer, Template, Config);
        _weights = CheckpointWeights.Open(folder);
        (string stored, long count) = _weights.MostlyStoredIn();
        _weights.Report(options.Progress);
        // Before other work starts, because this may measure the machine's speed.
        _choice = DtypeChoice.Of(options.Dtype, Device.type, Config.Dtype, stored, count, ProductSpeeds.Here);
        // In parallel with loading, so that a disk is read once: what one of the two reads, the other finds in memory.
        _hash = Task.Run(() => CheckpointHash.Of(folder, _abandoned.Token));
    }

    public CheckpointConfig Config { get; }

    public Device Device { get; }

    public ScalarType Dtype => _choice.Dtype;

    public Tokenizer Tokenizer { get; }

    public ChatTemplate? Template { get; }

    public Tensor Take(params WeightPart[] parts) => _weights.Take(parts, Dtype, Device);

    /// <summary>Loads the decoder. A stored copy of a tied output projection is skipped.</summary>
    /// <param name="withOutput">Whether it has an output projection.</param>
    /// <param name="beside">A loaded policy whose equal weights are not stored again, or null.</param>
    public TransformerDecoder Decoder(bool withOutput, PolicyModel? beside = null)
    {
        _weights.IgnoreOutput(Config.Transformer, withOutput);
        _beside = beside?.Description.Name;
        return new TransformerDecoder(Config.Transformer, Take, withOutput, beside is { IsLoaded: true } ? beside.Decoder : null);
    }

    /// <summary>Describes the loaded model. Every tensor in the files must have been used by now.</summary>
    public ModelDescription Describe(TransformerDecoder decoder, long headWeights)
    {
        _weights.ThrowIfUnused();
        return new ModelDescription(
            _name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_folder))),
            Config.Architecture,
            _hash.GetAwaiter().GetResult(),
            Device.type == TorchSharp.DeviceType.CPU ? "cpu" : $"cuda:{Device.index}",
            Dtype == ScalarType.BFloat16 ? "bfloat16" : "float32",
            decoder.Leaves().Sum(leaf => leaf.numel()) + headWeights,
            Config.Transformer.VocabularySize,
            Config.Transformer.MaxPositions,
            _choice.Speeds,
            decoder.Lender is null
                ? null
                : new WeightSharing(_beside!, decoder.SharedLayers, Config.Transformer.LayerCount, decoder.SharedBytes));
    }

    public void Dispose()
    {
        _weights.Dispose();
        // Describe has thrown the hash's failure, or an earlier failure preceded it.
        _abandoned.Cancel();
        ((IAsyncResult)_hash).AsyncWaitHandle.WaitOne();
        _ = _hash.Exception;
        _abandoned.Dispose();
    }
}
