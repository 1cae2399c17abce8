using SeaGrpc.Modeling.Transformer.Passes;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>
/// What a run's models have read through the layers that they have in common, after a prompt that is the same for all. A token that one of
/// them has read enters another above these layers. Owns its tensors. Not thread-safe.
/// </summary>
/// <remarks>
/// Positions are found by the tokens before them. The latest are kept, in a ring of fixed size. It belongs to one run, so a response does
/// not depend on what else runs.
/// </remarks>
public sealed class SharedReading : IDisposable
{
    /// <summary>Number of positions that are kept.</summary>
    public const int Slots = 1024;

    private readonly TransformerDecoder _lender;
    private readonly int _layers;
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly Tensor _states;
    private readonly ReadToken?[] _owners = new ReadToken?[Slots];
    private int _next;

    /// <summary>Starts with nothing.</summary>
    /// <param name="lender">The model that owns the common layers, split above them.</param>
    /// <param name="promptTokens">Number of positions of the prompt.</param>
    public SharedReading(TransformerDecoder lender, int promptTokens)
    {
        ArgumentNullException.ThrowIfNull(lender);
        _lender = lender;
        _layers = lender.Split;
        PromptTokens = promptTokens;
        using var scope = NewDisposeScope();
        Tensor Room(params long[] shape) => empty(shape, lender.Dtype, lender.Device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, _layers).Select(_ => Room(Slots, lender.Config.KeyValueHeadCount, lender.Config.HeadSize))];
        _values = [.. Enumerable.Range(0, _layers).Select(_ => Room(Slots, lender.Config.KeyValueHeadCount, lender.Config.HeadSize))];
        _states = Room(Slots, lender.Config.HiddenSize);
    }

    /// <summary>Number of positions through the common layers that were not computed again, without those of prompts.</summary>
    public long Saved { get; private set; }

    internal int PromptTokens { get; }

    internal ReadToken Root { get; } = new(null, 0);

    /// <summary>Size of the ring in bytes.</summary>
    /// <param name="lender">The model that owns the common layers, split above them.</param>
    public static long Bytes(TransformerDecoder lender)
    {
        ArgumentNullException.ThrowIfNull(lender);
        TransformerConfig config = lender.Config;
        return Slots * lender.BytesPerNumber
            * ((2L * lender.Split * config.KeyValueHeadCount * config.HeadSize) + config.HiddenSize);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values).Append(_states))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Reads new positions with one of the models: what is known is copied, the rest goes through the common layers.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="passes">The positions; all caches follow this reading.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden] of each pass, in the caller's scope.</returns>
    internal Tensor[] Read(TransformerDecoder decoder, IReadOnlyList<IdPass> passes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        ReadToken[][][] tokens = [.. passes.Select(pass => Paths(pass))];
        DecoderPass[] above = [.. passes.Select(pass => new DecoderPass(
            empty([pass.Ids.shape[0], pass.Ids.shape[1], decoder.Config.HiddenSize], decoder.Dtype, decoder.Device), pass.Cache))];
        List<Part> unread = [];
        List<KeyValueCache> views = [];
        try
        {
            for (int index = 0; index < passes.Count; index++)
            {
                foreach (Part part in Parts(passes[index], tokens[index], above[index].Embeddings))
                {
                    views.Add(part.View);
                    Recall(part);
                    if (part.Known < part.Positions)
                    {
                        unread.Add(part);
                    }
                }
            }

            if (unread.Count > 0)
            {
                Tensor[] states = Through(
                    DecoderSection.Below(_lender, _layers),
                    [.. unread.Select(part => new DecoderPass(_lender.Embed(part.Ids), part.View))]);
                for (int index = 0; index < unread.Count; index++)
                {
                    unread[index].States.narrow(1, unread[index].Known, states[index].shape[1]).copy_(states[index]);
                    Remember(unread[index], states[index]);
                }
            }
        }
        finally
        {
            views.ForEach(view => view.Dispose());
        }

        Tensor[] hidden = Through(DecoderSection.Above(decoder, _layers), above);
        for (int index = 0; index < passes.Count; index++)
        {
            passes[index].Cache.Follow(this, [.. tokens[index].Select(row => row[^1])]);
        }

        return [.. hidden.Select(states => states.MoveToOuterDisposeScope())];
    }

    private static Tensor[] Through(DecoderSection section, DecoderPass[] passes) =>
        passes.Length == 1 ? [ModelPasses.Forward(section, passes[0])] : ModelPasses.Forward(section, passes);

    private static ReadToken[][] Paths(IdPass pass)
    {
        int width = (int)pass.Ids.shape[1];
        long[] ids = pass.Ids.cpu().data<long>().ToArray();
        return [.. pass.Cache.LastTokens.Select((last, row) =>
        {
            var path = new ReadToken[width];
            for (int position = 0; position < width; position++)
            {
                last = path[position] = last.Then(ids[(row * width) + position]);
            }

            return path;
        })];
    }

    // Consecutive rows of which equally many positions are known.
    private IEnumerable<Part> Parts(IdPass pass, ReadToken[][] tokens, Tensor states)
    {
        int[] known = [.. tokens.Select(row => row.TakeWhile(IsKnown).Count())];
        for (int start = 0; start < known.Length;)
        {
            int count = known.Skip(start).TakeWhile(own => own == known[start]).Count();
            yield return new Part(
                pass.Cache.Rows(start, count),
                pass.Ids.narrow(0, start, count).narrow(1, known[start], pass.Ids.shape[1] - known[start]),
                tokens[start..(start + count)],
                known[start],
                pass.Kept,
                states.narrow(0, start, count));
            start += count;
        }
    }

    private bool IsKnown(ReadToken token) => token.Slot >= 0 && _owners[token.Slot] == token;

    private void Recall(Part part)
    {
        if (part.Known == 0)
        {
            return;
        }

        long rows = part.Tokens.Length;
        Tensor slots = Indices(part.Tokens.SelectMany(row => row.Take(part.Known)).Select(token => (long)token.Slot));
        Tensor Of(Tensor kept) =>
            kept.index_select(0, slots).view(rows, part.Known, kept.shape[1], kept.shape[2]).transpose(1, 2);
        for (int layer = 0; layer < _layers; layer++)
        {
            using var within = NewDisposeScope();
            part.View.Layer(layer).Write(Of(_keys[layer]), Of(_values[layer]));
        }

        part.States.narrow(1, 0, part.Known).copy_(_states.index_select(0, slots).view(rows, part.Known, -1));
        part.View.Advance(part.Known);
        Saved += rows * part.Known;
    }

    private void Remember(Part part, Tensor states)
    {
        int count = Math.Min(part.Kept, part.Positions) - part.Known;
        if (count <= 0 || (long)count * part.Tokens.Length > Slots)
        {
            return;
        }

        List<long> taken = [];
        foreach (ReadToken token in part.Tokens.SelectMany(row => row.Skip(part.Known).Take(count)))
        {
            _owners[_next] = token;
            token.Slot = _next;
            taken.Add(_next);
            _next = (_next + 1) % Slots;
        }

        Tensor slots = Indices(taken);
        int back = part.Positions - part.Known;
        for (int layer = 0; layer < _layers; layer++)
        {
            using var within = NewDisposeScope();
            (Tensor keys, Tensor values) = part.View.Layer(layer).Latest(back, count);
            _keys[layer].index_copy_(0, slots, keys.transpose(1, 2).flatten(0, 1));
            _values[layer].index_copy_(0, slots, values.transpose(1, 2).flatten(0, 1));
        }

        _states.index_copy_(0, slots, states.narrow(1, 0, count).flatten(0, 1));
    }

    private Tensor Indices(IEnumerable<long> indices) => tensor(indices.ToArray(), device: _states.device);

    /// <summary>Rows of a pass that are read together.</summary>
    /// <param name="View">Their cache.</param>
    /// <param name="Ids">The ids that are not known.</param>
    /// <param name="Tokens">All tokens of the pass, row by row.</param>
    /// <param name="Known">Number of first positions that are known.</param>
    /// <param name="Kept">Number of first positions that another model may read.</param>
    /// <param name="States">Receives the states above the common layers [rows, positions, hidden].</param>
    private sealed record Part(KeyValueCache View, Tensor Ids, ReadToken[][] Tokens, int Known, int Kept, Tensor States)
    {
        public int Positions => Tokens[0].Length;
    }
}
