using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>What a run has read is copied to where it comes back to it, in place on the CPU and by libtorch elsewhere.</summary>
public sealed class LayerRingTests
{
    private const int Positions = 6;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_read_is_found_again(bool inPlace)
    {
        using var directory = new TemporaryFolder();
        FamilyCheckpoint.Write(directory.Path, "llama");
        using PolicyModel model = PolicyModel.Load(directory.Path);
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor ids = tensor(new long[,] { { 5, 6, 7, 8, 9, 10 }, { 5, 6, 11, 12, 13, 14 } });
        using KeyValueCache read = KeyValueCache.Create(decoder, 2, Positions);
        Tensor hidden = decoder.Forward(decoder.Embed(ids), read);
        var root = new ReadToken();
        ReadToken[][] tokens = [Path(root, [5, 6, 7, 8, 9, 10]), Path(root, [5, 6, 11, 12, 13, 14])];
        using var ring = new LayerRing(decoder, 0, decoder.Config.LayerCount, inPlace);
        ring.Remember(tokens, 0, 4, read, hidden);
        ring.Remember(tokens, 4, 2, read, hidden.narrow(1, 4, 2));
        Assert.Equal([Positions, Positions], tokens.Select(row => ring.Known(row)));
        Assert.Equal(0, ring.Known(Path(root, [6])));

        // In another order.
        ReadToken[][] others = [tokens[1], tokens[0]];
        using KeyValueCache view = KeyValueCache.Create(decoder, 2, Positions);
        Tensor states = zeros_like(hidden);
        ring.Recall(others, 5, view, states);
        Assert.Equal(5, view.Length);
        using Tensor kept = view.Latest(5, 5);
        using Tensor latest = read.Latest(Positions, 5);
        Assert.True(kept.allclose(latest.flip(2), atol: 1e-6));
        Assert.True(states.narrow(1, 0, 5).allclose(hidden.narrow(1, 0, 5).flip(0), atol: 1e-6));

        // It goes on from there.
        Tensor last = decoder.Forward(decoder.Embed(ids.flip(0).narrow(1, 5, 1)), view);
        Assert.True(last.allclose(hidden.narrow(1, 5, 1).flip(0), atol: 1e-5));
    }

    private static ReadToken[] Path(ReadToken root, long[] ids)
    {
        var path = new List<ReadToken>();
        foreach (long id in ids)
        {
            path.Add((path.Count == 0 ? root : path[^1]).Then(id));
        }

        return [.. path];
    }
}
