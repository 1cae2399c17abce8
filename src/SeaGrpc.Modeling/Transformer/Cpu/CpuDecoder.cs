using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>
/// The layers on the CPU: matrix products, with one pass over memory between them and no autograd graph. The backward pass to
/// the inputs is written out: it uses what <see cref="CpuTape"/> stored, and computes no gradients of weights.
/// </summary>
/// <remarks>
/// Computes the same functions as <see cref="DecoderLayer"/>, which is used for training and on other devices. Tests compare the two.
/// </remarks>
internal sealed class CpuDecoder : IDisposable
{
    private readonly TransformerConfig _config;
    private readonly DecoderLayer[] _layers;
    private readonly Tensor _finalNorm;
    private readonly LayerKernels _kernels;
    private readonly CpuAttention[] _attention;

    private CpuDecoder(
        TransformerConfig config, DecoderLayer[] layers, Tensor finalNorm, LayerKernels kernels, AttentionKernels attention)
    {
        _config = config;
        _layers = layers;
        _finalNorm = finalNorm;
        _kernels = kernels;
        _attention = [.. layers.Select((layer, index) => new CpuAttention(attention, config, index, layer.Attention.Norms))];
    }

    /// <summary>The buffers between the products.</summary>
    public Workspace Workspace { get; } = new();

    private long Fused => (_config.HeadCount + (2L * _config.KeyValueHeadCount)) * _config.HeadSize;

    private long Heads => (long)_config.HeadCount * _config.HeadSize;

    /// <summary>The layers of a decoder; null on other devices and in other number formats.</summary>
    public static CpuDecoder? Of(TransformerConfig config, DecoderLayer[] layers, Tensor finalNorm) =>
        finalNorm.device_type == TorchSharp.DeviceType.CPU
        && LayerKernels.Of(finalNorm.dtype) is { } kernels
        && AttentionKernels.Of(finalNorm.dtype) is { } attention
            ? new CpuDecoder(config, layers, finalNorm, kernels, attention)
            : null;

    /// <summary>Runs layers.</summary>
    /// <param name="batch">The passes of the batch.</param>
    /// <param name="hidden">Input of the first of them [tokens, hidden]. It is overwritten if nothing is kept.</param>
    /// <param name="tape">Receives what the backward pass of these layers needs, or null.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer after the last one.</param>
    /// <param name="ends">Whether the final norm follows.</param>
    /// <returns>[tokens, hidden].</returns>
    public Tensor Forward(PackedBatch batch, Tensor hidden, CpuTape? tape, int from, int to, bool ends) =>
        Workspace.During(hidden.shape[0], () => Walk(batch, hidden, tape, from, to, ends));

    /// <summary>Backward pass: from the gradient at the result of <see cref="Forward"/> to the gradient at its input.</summary>
    /// <param name="tape">What the forward pass stored.</param>
    /// <param name="gradient">The gradient at the result [tokens, hidden].</param>
    /// <param name="starts">First token positions of the passes that have a gradient.</param>
    /// <returns>The gradient at the input [tokens, hidden].</returns>
    public Tensor Backward(CpuTape tape, Tensor gradient, IReadOnlyCollection<long> starts) =>
        Workspace.During(gradient.shape[0], () => WalkBack(tape, gradient, starts));

    /// <inheritdoc/>
    public void Dispose() => Workspace.Dispose();

    private Tensor Walk(PackedBatch batch, Tensor hidden, CpuTape? tape, int from, int to, bool ends)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor normed = Take(Workspace.Buffer.Normed, hidden, _config.HiddenSize);
        Tensor result = empty_like(hidden);
        Tensor entering = hidden;
        bool isNormOnly = from == _layers.Length;
        _kernels.Norm(entering, isNormOnly ? _finalNorm : _layers[from].AttentionNorm, isNormOnly ? result : normed, _config);
        for (int index = from; index < to; index++)
        {
            using var within = NewDisposeScope();
            DecoderLayer layer = _layers[index];
            Tensor fused = Kept(tape is not null && _config.QueryKeyNorm, Workspace.Buffer.Fused, hidden, Fused);
            Project(layer.Attention.QueryKeyValue, normed, fused);
            Tensor context = Kept(tape is not null, Workspace.Buffer.Context, hidden, Heads);
            CpuAttention.Kept?[] heads = [.. batch.Parts.Select(part => _attention[index].Forward(part, fused, context, tape is not null))];
            ClearPadding(context, batch);
            Tensor attended = Kept(tape is not null && _config.OutputNorms, Workspace.Buffer.Branch, hidden, _config.HiddenSize);
            Project(layer.Attention.Output, context, attended);
            Tensor middle = tape is null ? entering : empty_like(entering);
            _kernels.AddNorm(entering, Normed(attended, layer.AttentionOutputNorm), middle, layer.FeedForwardNorm, normed, _config);

            Tensor gateUp = Kept(tape is not null, Workspace.Buffer.GateUp, hidden, 2L * _config.IntermediateSize);
            Project(layer.FeedForward.GateUp, normed, gateUp);
            Tensor activated = Take(Workspace.Buffer.Activated, hidden, _config.IntermediateSize);
            _kernels.Gate(gateUp, activated, _config.Activation);
            Tensor fed = Kept(tape is not null && _config.OutputNorms, Workspace.Buffer.Branch, hidden, _config.HiddenSize);
            Project(layer.FeedForward.Down, activated, fed);
            Tensor leaving = tape is null ? middle : empty_like(middle);
            bool last = index + 1 == _layers.Length;
            _kernels.AddNorm(
                middle,
                Normed(fed, layer.FeedForwardOutputNorm),
                leaving,
                last ? _finalNorm : _layers[index + 1].AttentionNorm,
                last ? result : normed,
                _config);
            tape?.Add(
                new CpuTape.Layer(
                    entering,
                    middle,
                    context,
                    gateUp,
                    heads!,
                    _config.QueryKeyNorm ? fused : null,
                    _config.OutputNorms ? (attended, fed) : null
                )
            );
            entering = tape is null ? leaving : leaving.MoveToOuterDisposeScope();
        }

        tape?.Complete(batch, entering);
        if (ends)
        {
            return result.MoveToOuterDisposeScope();
        }

        // Without a tape, the last layer has overwritten the input.
        return tape is null ? hidden : entering.alias().MoveToOuterDisposeScope();
    }

    private Tensor WalkBack(CpuTape tape, Tensor gradient, IReadOnlyCollection<long> starts)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        PackedBatch batch = tape.Batch;
        Tensor stream = empty_like(gradient);
        if (tape.Ends)
        {
            _kernels.NormBackward(tape.Last, _finalNorm, gradient, stream, _config, add: false);
        }
        else
        {
            stream.copy_(gradient);
        }

        for (int index = tape.To - 1; index >= tape.From; index--)
        {
            using var within = NewDisposeScope();
            DecoderLayer layer = _layers[index];
            CpuTape.Layer kept = tape[index - tape.From];
            Tensor normed = Take(Workspace.Buffer.Normed, gradient, _config.HiddenSize);

            Tensor activated = Take(Workspace.Buffer.Activated, gradient, _config.IntermediateSize);
            ProjectBack(layer.FeedForward.Down, NormedBack(stream, kept.Branches?.FedForward, layer.FeedForwardOutputNorm), activated);
            Tensor gateUp = Take(Workspace.Buffer.GateUp, gradient, 2L * _config.IntermediateSize);
            _kernels.GateBackward(kept.GateUp, activated, gateUp, _config.Activation);
            ProjectBack(layer.FeedForward.GateUp, gateUp, normed);
            _kernels.NormBackward(kept.Middle, layer.FeedForwardNorm, normed, stream, _config, add: true);

            Tensor context = Take(Workspace.Buffer.Context, gradient, Heads);
            ProjectBack(layer.Attention.Output, NormedBack(stream, kept.Branches?.Attended, layer.AttentionOutputNorm), context);
            Tensor fused = Take(Workspace.Buffer.Fused, gradient, Fused);
            for (int part = 0; part < batch.Parts.Count; part++)
            {
                if (starts.Contains(batch.Parts[part].Start))
                {
                    _attention[index].Backward(batch.Parts[part], kept.Heads[part], kept.Context, context, kept.Fused, fused);
                }
                else
                {
                    fused.narrow(0, batch.Parts[part].Start, batch.Parts[part].Pass.Tokens).zero_();
                }
            }

            ClearPadding(fused, batch);
            ProjectBack(layer.Attention.QueryKeyValue, fused, normed);
            _kernels.NormBackward(kept.Entering, layer.AttentionNorm, normed, stream, _config, add: true);
        }

        return stream.MoveToOuterDisposeScope();
    }

    private static void Project(Projection projection, Tensor input, Tensor output) =>
        MatrixProducts.Forward(input, projection.Weight, projection.Bias, output);

    private static void ProjectBack(Projection projection, Tensor outputGradient, Tensor inputGradient) =>
        MatrixProducts.Backward(outputGradient, projection.Weight, inputGradient);

    private static void ClearPadding(Tensor tensor, PackedBatch batch)
    {
        if (batch.Padding > 0)
        {
            tensor.narrow(0, tensor.shape[0] - batch.Padding, batch.Padding).zero_();
        }
    }

    private Tensor Normed(Tensor branch, Tensor? weight)
    {
        if (weight is null)
        {
            return branch;
        }

        Tensor normed = Take(Workspace.Buffer.NormedBranch, branch, _config.HiddenSize);
        _kernels.Norm(branch, weight, normed, _config);
        return normed;
    }

    private Tensor NormedBack(Tensor gradient, Tensor? branch, Tensor? weight)
    {
        if (branch is null || weight is null)
        {
            return gradient;
        }

        Tensor back = Take(Workspace.Buffer.NormedBranch, gradient, _config.HiddenSize);
        _kernels.NormBackward(branch, weight, gradient, back, _config, add: false);
        return back;
    }

    private Tensor Kept(bool keep, Workspace.Buffer kind, Tensor like, long width) =>
        keep ? empty([like.shape[0], width], like.dtype, like.device) : Take(kind, like, width);

    private Tensor Take(Workspace.Buffer kind, Tensor like, long width) => Workspace.Take(kind, like.shape[0], width, like);
}
