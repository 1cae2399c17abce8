using SeaGrpc.Modeling.Transformer.Cpu;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Modeling.Transformer.Trees;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// The decoder stack of a checkpoint: embedding, layers, final norm. It is independent of heads, sampling and text. The key/value cache is
/// an argument, so that the cache of one prompt can serve many rows.
/// </summary>
/// <remarks>
/// Not thread-safe. The layers are Llama's (RMSNorm, rotary positions with rotated halves, grouped-query attention, SwiGLU), as in
/// transformers' modeling_llama, with the differences of other families according to <see cref="TransformerConfig"/>.
/// </remarks>
public sealed class TransformerDecoder : IDisposable
{
    private readonly DecoderLayer[] _layers;
    private readonly Tensor _finalNorm;
    private readonly Tensor? _outputWeight;
    private readonly PromptReadings _prompts;
    private readonly PassPacking _packing;
    private readonly CpuDecoder? _cpu;
    private Tensor? _embeddingDeviation;

    /// <summary>Builds the stack from weights.</summary>
    /// <param name="config">The decoder's configuration.</param>
    /// <param name="take">Returns the tensor for a checkpoint name and shape. The stack then owns it.</param>
    /// <param name="withOutput">Whether the checkpoint has an output projection (a language model) or not (a reward model).</param>
    /// <param name="beside">
    /// Another stack, or null. Embeddings and lowest layers that are the same bit by bit are taken from it and not stored again, so it must
    /// outlive this one.
    /// </param>
    public TransformerDecoder(TransformerConfig config, WeightSource take, bool withOutput, TransformerDecoder? beside = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(take);
        Config = config;
        using var scope = NewDisposeScope();
        Tensor embeddings = take(new WeightPart("model.embed_tokens.weight", config.VocabularySize, config.HiddenSize))
            .DetachFromDisposeScope();
        int alike = beside is null ? 0 : config.LayersLike(beside.Config);
        if (alike > 0 && SameNumbers.Are(embeddings, beside!.EmbeddingWeight))
        {
            embeddings.Dispose();
            EmbeddingWeight = beside.EmbeddingWeight;
            Lender = beside;
        }
        else
        {
            EmbeddingWeight = embeddings;
        }

        _layers = new DecoderLayer[config.LayerCount];
        for (int index = 0; index < _layers.Length; index++)
        {
            var layer = new DecoderLayer(config, index, take);
            if (Lender is not null && SharedLayers == index && index < alike
                && SameNumbers.Are(layer.Leaves(), Lender._layers[index].Leaves()))
            {
                DisposeAll(layer.Leaves());
                layer = Lender._layers[index];
                SharedLayers++;
            }

            _layers[index] = layer;
        }

        _finalNorm = take(new WeightPart("model.norm.weight", config.HiddenSize)).DetachFromDisposeScope();
        if (withOutput && !config.TieWordEmbeddings)
        {
            _outputWeight = take(new WeightPart("lm_head.weight", config.VocabularySize, config.HiddenSize)).DetachFromDisposeScope();
        }

        BytesPerNumber = (int)EmbeddingWeight.ElementSize;
        _cpu = CpuDecoder.Of(config, _layers, _finalNorm);
        _prompts = new PromptReadings(this);
        _packing = new PassPacking(config, EmbeddingWeight.device, EmbeddingWeight.dtype);
    }

    /// <summary>The decoder's configuration.</summary>
    public TransformerConfig Config { get; }

    /// <summary>The stack that the embeddings and <see cref="SharedLayers"/> belong to; null if all weights are its own.</summary>
    public TransformerDecoder? Lender { get; }

    /// <summary>Number of lowest layers that are another stack's.</summary>
    public int SharedLayers { get; }

    /// <summary>Memory of the weights that are another stack's, in bytes.</summary>
    public long SharedBytes => Borrowed().Sum(leaf => leaf.NumberOfElements * leaf.ElementSize);

    /// <summary>Embedding matrix E [vocabulary, hidden].</summary>
    public Tensor EmbeddingWeight { get; }

    /// <summary>
    /// Standard deviation of E: a scalar tensor [] in the dtype of the weights. It is computed at the first access, because it reads the
    /// whole matrix. Not for weights that are being trained. The decoder owns it.
    /// </summary>
    public Tensor EmbeddingDeviation
    {
        get
        {
            if (_embeddingDeviation is null)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                _embeddingDeviation = EmbeddingWeight.std().DetachFromDisposeScope();
            }

            return _embeddingDeviation;
        }
    }

    /// <summary>Output projection W [vocabulary, hidden]; the embedding matrix if they are tied.</summary>
    public Tensor OutputWeight => _outputWeight ?? EmbeddingWeight;

    /// <summary>
    /// Number of lowest layers above which passes by ids may enter, because another model has the same layers; 0 for none.
    /// </summary>
    public int Split { get; private set; }

    /// <summary>Device of all weights.</summary>
    public Device Device => EmbeddingWeight.device;

    /// <summary>Number format of all weights and activations.</summary>
    public ScalarType Dtype => EmbeddingWeight.dtype;

    /// <summary>Size of one weight or activation in bytes. May be read on any thread at any time.</summary>
    public int BytesPerNumber { get; }

    /// <summary>
    /// Whether passes without gradients of weights use the written-out layers, without an autograd graph (docs/decisions/0008). May be read
    /// on any thread at any time.
    /// </summary>
    public bool IsWrittenOut => _cpu is not null;

    /// <summary>
    /// Number of times that the buffers between the layers' products were allocated. Stays constant while later batches have no more token
    /// positions.
    /// </summary>
    internal long BufferLayouts => _cpu?.Workspace.Layouts ?? 0;

    /// <summary>The memory for what it has read of responses; shared with other models where it is set. Before anything is read.</summary>
    public KeptReadings Kept { get; set; } = new();

    /// <summary>The prompts that it has read and that are in use.</summary>
    internal PromptReadings Prompts => _prompts;

    /// <summary>The layers, for training, which runs some of them without a graph.</summary>
    internal IReadOnlyList<DecoderLayer> Layers => _layers;

    /// <summary>Weight of the norm after the last layer [hidden].</summary>
    internal Tensor FinalNorm => _finalNorm;

    /// <summary>Number of token positions that its forward passes have read since it was loaded.</summary>
    public long PositionsRead { get; private set; }

    /// <summary>The leaf tensors that an optimiser can train. Fused projections are one leaf.</summary>
    public IEnumerable<Tensor> Leaves()
    {
        yield return EmbeddingWeight;
        foreach (Tensor leaf in _layers.SelectMany(layer => layer.Leaves()))
        {
            yield return leaf;
        }

        yield return _finalNorm;
        if (_outputWeight is not null)
        {
            yield return _outputWeight;
        }
    }

    /// <summary>All weights under their checkpoint names, as views. A tied output projection is left out.</summary>
    public IEnumerable<(string Name, Tensor Value)> NamedWeights()
    {
        yield return ("model.embed_tokens.weight", EmbeddingWeight);
        foreach ((string, Tensor) weight in _layers.SelectMany(layer => layer.NamedWeights()))
        {
            yield return weight;
        }

        yield return ("model.norm.weight", _finalNorm);
        if (_outputWeight is not null)
        {
            yield return ("lm_head.weight", _outputWeight);
        }
    }

    /// <summary>Looks up the embeddings of tokens.</summary>
    /// <param name="ids">Ids [rows, positions], int64.</param>
    /// <returns>Embeddings [rows, positions, hidden].</returns>
    public Tensor Embed(Tensor ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return EmbeddingWeight.index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], Config.HiddenSize);
    }

    /// <summary>Reads a prompt, except for the beginning that it shares with a prompt in use. The caller disposes the reading.</summary>
    /// <param name="ids">Ids; at least one.</param>
    public PromptReading Read(IReadOnlyList<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _prompts.Read(ids);
    }

    /// <summary>Number of first tokens of a prompt that it has read for prompts in use, so that they need not be read again.</summary>
    /// <param name="ids">Ids; at least one.</param>
    public int Known(IReadOnlyList<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _prompts.Known(ids);
    }

    /// <summary>Sets how many lowest layers this model and others have in common. Before anything is read.</summary>
    /// <param name="layers">Number of layers; at most <see cref="SharedLayers"/> if they are another stack's.</param>
    public void SplitAt(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layers, Lender is null ? Config.LayerCount : SharedLayers);
        Split = layers;
    }

    /// <summary>Whether another job is reading this prompt, so that it is worth waiting.</summary>
    /// <param name="ids">Ids; at least one.</param>
    public bool IsReading(IReadOnlyList<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _prompts.IsUnderWay(ids);
    }

    /// <summary>Runs the stack over new positions, which directly follow the cached ones.</summary>
    /// <param name="embeddings">Input embeddings [rows, positions, hidden]. Gradients flow to them if they require gradients.</param>
    /// <param name="cache">
    /// Keys and values of the preceding positions, or null. See <see cref="KeyValueCache"/> for what is written to it.
    /// </param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden].</returns>
    public Tensor Forward(Tensor embeddings, KeyValueCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        return ModelPasses.Forward(DecoderSection.Whole(this), new DecoderPass(embeddings, cache));
    }

    /// <summary>
    /// Runs the stack over new positions given by their ids, without gradients. What the run or another one has read of them after the same
    /// prompt, or another model through common layers, is not computed again.
    /// </summary>
    /// <param name="passes">The ids, and the preceding positions. No cache may occur twice.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden] of each pass.</returns>
    public Tensor[] Read(IReadOnlyList<IdPass> passes)
    {
        ArgumentNullException.ThrowIfNull(passes);
        return passes is [{ Run: { } reading }, ..] && passes.All(pass => pass.Run == reading)
            ? reading.Read(this, passes)
            : passes is [var only]
            ? [Forward(Embed(only.Ids), only.Cache)]
            : Forward([.. passes.Select(pass => (Embed(pass.Ids), (KeyValueCache?)pass.Cache))]);
    }

    /// <summary>The same for several groups of rows with separate caches, with one matrix product for all, without gradients.</summary>
    /// <param name="groups">
    /// Input embeddings [rows, positions, hidden] and the preceding positions of each group. No cache may occur twice.
    /// </param>
    /// <returns>The hidden states of each group.</returns>
    public Tensor[] Forward(IReadOnlyList<(Tensor Embeddings, KeyValueCache? Cache)> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return groups.Count == 0
            ? []
            : ModelPasses.Forward(DecoderSection.Whole(this), [.. groups.Select(group => new DecoderPass(group.Embeddings, group.Cache))]);
    }

    /// <summary>The same, recorded for a backward pass to the embeddings. The caller disposes the result.</summary>
    /// <param name="embeddings">Input embeddings [rows, positions, hidden].</param>
    /// <param name="cache">Keys and values of the preceding positions, which get no gradient: null or a frozen cache.</param>
    public RecordedPass Record(Tensor embeddings, KeyValueCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        return Record(DecoderSection.Whole(this), embeddings, cache);
    }

    /// <summary>The same from the states above the <see cref="Split"/> on, for a backward pass to these.</summary>
    /// <param name="states">The states [rows, positions, hidden], which <see cref="RunReading.Record"/> computes.</param>
    /// <param name="cache">Keys and values of the preceding positions, which get no gradient: null or a frozen cache.</param>
    public RecordedPass RecordAbove(Tensor states, KeyValueCache? cache)
    {
        ArgumentNullException.ThrowIfNull(states);
        return Record(DecoderSection.Above(this, Split), states, cache);
    }

    /// <summary>Runs the stack from the states above the <see cref="Split"/> on.</summary>
    /// <param name="states">The states [rows, positions, hidden].</param>
    /// <param name="cache">A frozen cache of the preceding positions, or null.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden].</returns>
    public Tensor ForwardAbove(Tensor states, KeyValueCache? cache)
    {
        ArgumentNullException.ThrowIfNull(states);
        return ModelPasses.Forward(DecoderSection.Above(this, Split), new DecoderPass(states, cache));
    }

    internal static RecordedPass Record(DecoderSection section, Tensor inputs, KeyValueCache? cache) => cache is { IsFrozen: false }
        ? throw new ArgumentException("A pass that writes to its cache cannot have a backward pass.", nameof(cache))
        : ModelPasses.Record(section, new DecoderPass(inputs, cache));

    /// <summary>Logits of hidden states: hidden W^T, soft-capped if the model has a cap, in the dtype of the weights.</summary>
    /// <param name="hidden">Hidden states [..., hidden].</param>
    /// <returns>Logits [..., vocabulary].</returns>
    public Tensor Logits(Tensor hidden)
    {
        Tensor product = MatrixProducts.Linear(hidden, OutputWeight);
        if (Config.LogitSoftCap is not { } cap)
        {
            return product;
        }

        return product.Times(1 / cap).tanh().Times(cap);
    }

    /// <summary>d logit / d (hidden W^T), computed from the logits: 1 - (z / cap)^2 if the model has a cap.</summary>
    /// <param name="logits">Logits [..., vocabulary].</param>
    /// <returns>The slope in the same shape; null if the model has no cap, so that it is 1 everywhere.</returns>
    public Tensor? LogitSlope(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (Config.LogitSoftCap is not { } cap)
        {
            return null;
        }

        return logits.Times(1 / cap).Squared().Times(-1).Plus(1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DisposeAll(Leaves().Skip(Borrowed().Count()));
        _packing.Dispose();
        _embeddingDeviation?.Dispose();
        _cpu?.Dispose();
    }

    /// <summary>Runs the stack over several passes at once, with one matrix product for all and attention within each.</summary>
    /// <param name="passes">The passes; at least one. No two of them may write to the same cache.</param>
    /// <returns>Hidden states after the final norm, ordered by pass and row: [tokens of all passes, or more, hidden].</returns>
    internal Tensor ForwardTogether(IReadOnlyList<DecoderPass> passes) => ForwardTogether(passes, 0, _layers.Length, ends: true);

    /// <summary>The same with some of the layers.</summary>
    /// <param name="passes">The passes; inputs of the first of the layers, where it is not the stack's first one.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer after the last one.</param>
    /// <param name="ends">Whether the final norm follows.</param>
    internal Tensor ForwardTogether(IReadOnlyList<DecoderPass> passes, int from, int to, bool ends)
    {
        Tensor hidden;
        if (_cpu is null || NeedsGraph(passes))
        {
            PackedBatch batch = _packing.Pack(passes, withMasks: true);
            hidden = WithGraph(batch, batch.Join([.. passes.Select(pass => pass.Embeddings.flatten(0, 1))]), from, to, ends);
        }
        else
        {
            PackedBatch batch = _packing.Pack(passes, withMasks: false);
            hidden = _cpu.Forward(batch, Entering(batch, from), tape: null, from, to, ends);
        }

        foreach (DecoderPass pass in passes)
        {
            pass.Cache?.Advance(pass.Positions);
            PositionsRead += ends ? pass.Tokens : 0;
        }

        return hidden;
    }

    /// <summary>The same, recorded for a backward pass to the inputs.</summary>
    /// <param name="passes">The passes; at least one. None of them may write to a cache.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer after the last one.</param>
    /// <param name="ends">Whether the final norm follows.</param>
    /// <returns>The hidden states, and the backward pass, which the caller owns.</returns>
    internal (Tensor Hidden, PassTape Tape) RecordTogether(IReadOnlyList<DecoderPass> passes, int from, int to, bool ends)
    {
        PositionsRead += ends ? passes.Sum(pass => pass.Tokens) : 0;
        if (_cpu is null)
        {
            PackedBatch batch = _packing.Pack(passes, withMasks: true);
            using var gradients = enable_grad();
            Tensor leaf = batch.Join([.. passes.Select(pass => pass.Embeddings.detach().flatten(0, 1))]).detach().requires_grad_(true);
            Tensor output = WithGraph(batch, leaf, from, to, ends);
            return (output.detach(), new AutogradTape(leaf.DetachFromDisposeScope(), output.DetachFromDisposeScope()));
        }

        PackedBatch packed = _packing.Pack(passes, withMasks: false);
        var tape = new CpuTape(_cpu, from, to, ends, from == 0 ? Scaled : gradient => gradient);
        try
        {
            return (_cpu.Forward(packed, Entering(packed, from), tape, from, to, ends), tape);
        }
        catch
        {
            tape.Dispose();
            throw;
        }
    }

    private IEnumerable<Tensor> Borrowed() =>
        Lender is null ? [] : _layers.Take(SharedLayers).SelectMany(layer => layer.Leaves()).Prepend(EmbeddingWeight);

    private static void DisposeAll(IEnumerable<Tensor> leaves)
    {
        foreach (Tensor leaf in leaves)
        {
            leaf.Dispose();
        }
    }

    // Weights or inputs require gradients, as in training.
    private bool NeedsGraph(IReadOnlyList<DecoderPass> passes) =>
        is_grad_enabled() && (passes.Any(pass => pass.Embeddings.requires_grad) || Leaves().Any(leaf => leaf.requires_grad));

    private Tensor WithGraph(PackedBatch batch, Tensor inputs, int from, int to, bool ends)
    {
        Tensor hidden = from == 0 ? Scaled(inputs) : inputs;
        for (int index = from; index < to; index++)
        {
            hidden = _layers[index].Forward(hidden, batch, index);
        }

        return ends ? RmsNorm.Apply(hidden, _finalNorm, Config) : hidden;
    }

    // The inputs of all passes in a separate buffer, which layers may overwrite.
    private Tensor Entering(PackedBatch batch, int from)
    {
        using var noGrad = no_grad();
        Tensor entering = empty([batch.Tokens + batch.Padding, Config.HiddenSize], Dtype, Device);
        foreach (PackedPass part in batch.Parts)
        {
            entering.narrow(0, part.Start, part.Pass.Tokens).copy_(part.Pass.Embeddings.flatten(0, 1));
        }

        if (batch.Padding > 0)
        {
            entering.narrow(0, batch.Tokens, batch.Padding).zero_();
        }

        return from == 0 ? Scaled(entering) : entering;
    }

    /// <summary>Embeddings as they enter the first layer: Gemma's are multiplied by sqrt(hidden).</summary>
    internal Tensor Scaled(Tensor embeddings)
    {
        if (!Config.ScaleEmbeddings)
        {
            return embeddings;
        }

        // The factor is rounded to the dtype of the weights, as in transformers' Gemma2Model.
        return embeddings * TensorFilling.Filled([1], Math.Sqrt(Config.HiddenSize), Device).to(Dtype);
    }
}
