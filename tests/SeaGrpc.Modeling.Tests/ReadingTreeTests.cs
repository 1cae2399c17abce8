using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Trees;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>What runs of one prompt have read is found by its tokens, in place on the CPU and by libtorch elsewhere.</summary>
public sealed class ReadingTreeTests : IDisposable
{
    private const int Prompt = 9;
    private static readonly long[] One = [5, 6, 7, 8, 9, 10];
    private static readonly long[] Other = [5, 6, 11, 12, 13, 14];

    private readonly TemporaryFolder _folder = new();
    private readonly PolicyModel _model;

    public ReadingTreeTests()
    {
        FamilyCheckpoint.Write(_folder.Path, "llama");
        _model = PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32));
        _model.Decoder.Kept.Limit = 1 << 20;
    }

    private TransformerDecoder Decoder => _model.Decoder;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_are_put_together_from_several_passes(bool inPlace)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using PromptReading prompt = ReadPrompt();
        using var tree = new ReadingTree(Decoder.Kept, inPlace);
        ReadToken[] one = Path(One);
        ReadToken[] other = Path(Other);
        using KeyValueCache read = prompt.Cache.Branch(Decoder, 2, Prompt + One.Length);
        Tensor hidden = Decoder.Forward(Decoder.Embed(tensor([.. One, .. Other]).view(2, -1)), read);
        // The first two tokens of one row, and all of the other but the first two.
        using (KeyValueCache row = read.Rows(0, 1))
        {
            tree.Keep([new(one, 0, 6)], keys: 4, row, hidden.narrow(0, 0, 1), middle: null);
        }

        using (KeyValueCache row = read.Rows(1, 1))
        {
            tree.Keep([new(other, 2, 4)], keys: 4, row, hidden.narrow(0, 1, 1).narrow(1, 2, 4), middle: null);
        }

        Assert.Equal(10, tree.Count);
        Assert.Equal(4, tree.Held(one, 0, keys: 6, needed: 6, withMiddle: false));
        Assert.Equal(6, tree.Held(one, 0, keys: 4, needed: 6, withMiddle: false));
        Assert.Equal(0, tree.Held(one, 0, keys: 4, needed: 6, withMiddle: true));
        Assert.Equal(6, tree.Held(other, 0, keys: 6, needed: 6, withMiddle: false));

        using KeyValueCache cache = prompt.Cache.Branch(Decoder, 2, Prompt + One.Length);
        Tensor states = zeros_like(hidden);
        tree.Recall(
            [other, one], 0, count: 4, keys: 4, cache, (0, Decoder.Config.LayerCount), states, isMiddle: false);
        Assert.Equal(Prompt + 4, cache.Length);
        Assert.Equal(Numbers(hidden.flip(0).narrow(1, 0, 4)), Numbers(states.narrow(1, 0, 4)));
        using Tensor kept = cache.Latest(4, 4);
        using Tensor latest = read.Latest(6, 4);
        Assert.Equal(Numbers(latest.flip(2)), Numbers(kept));
        Decoder.Kept.Limit = tree.Passes.Last().Bytes;
        Assert.Equal(4, tree.Count);
    }

    /// <summary>Rows that begin alike are read one after the other, so that each of their tokens is read once.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_of_one_pass_share_their_beginnings(bool isFrozen)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using PromptReading prompt = ReadPrompt();
        long before = Decoder.PositionsRead;
        long reused = 0;
        using RunReading run = RunReading.After(Decoder, prompt, count => reused += count)!;
        Tensor ids = tensor([.. One, .. Other, .. One, .. One]).view(4, -1);
        using KeyValueCache rows = prompt.Cache.Branch(Decoder, 4, Prompt + One.Length).Join(run);
        IdPass pass = isFrozen ? new(ids, prompt.Cache, One.Length) { AfterPrompt = run } : new(ids, rows, One.Length);
        Tensor hidden = Decoder.Read([pass])[0];

        Assert.Equal(10, Decoder.PositionsRead - before);
        Assert.Equal(24, Decoder.PositionsRead - before + reused);
        Assert.Equal(10, prompt.Responses!.Count);
        Tensor expected = Decoder.Forward(Decoder.Embed(ids), prompt.Cache);
        Same(expected, hidden);
        if (!isFrozen)
        {
            // And go on from what was copied.
            Tensor next = tensor([15L, 15, 15, 15]).view(4, 1);
            using KeyValueCache again = prompt.Cache.Branch(Decoder, 4, Prompt + One.Length + 1);
            Decoder.Forward(Decoder.Embed(ids), again);
            using KeyValueCache longer = KeyValueCache.Gather(
                Decoder, [.. Enumerable.Range(0, 4).Select(row => (rows, row))], Prompt + One.Length + 1);
            Same(Decoder.Forward(Decoder.Embed(next), again), Decoder.Read([new IdPass(next, longer, 1)])[0]);
            Assert.Equal(12, prompt.Responses.Count);
        }
    }

    [Fact]
    public void Padding_that_nobody_uses_is_not_asked_for()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using PromptReading prompt = ReadPrompt();
        using RunReading first = RunReading.After(Decoder, prompt, _ => { })!;
        using KeyValueCache one = prompt.Cache.Branch(Decoder, 1, Prompt + One.Length).Join(first);
        Tensor expected = Decoder.Read([new IdPass(tensor(One).unsqueeze(0), one, 3)])[0];
        long before = Decoder.PositionsRead;
        long reused = 0;
        using RunReading second = RunReading.After(Decoder, prompt, count => reused += count)!;
        using KeyValueCache padded = prompt.Cache.Branch(Decoder, 1, Prompt + One.Length + 2).Join(second);
        Tensor hidden = Decoder.Read([new IdPass(tensor([.. One, 10, 10]).unsqueeze(0), padded, 3) { Lengths = [One.Length] }])[0];

        Assert.Equal(before, Decoder.PositionsRead);
        Assert.Equal(One.Length + 2, reused);
        Assert.Equal(Numbers(expected), Numbers(hidden.narrow(1, 0, One.Length)));
        Assert.Equal(Prompt + One.Length + 2, padded.Length);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private static ReadToken[] Path(long[] ids)
    {
        var last = new ReadToken();
        return [.. ids.Select(id => last = last.Then(id))];
    }

    private static float[] Numbers(Tensor states) => states.contiguous().data<float>().ToArray();

    // Bit for bit, where products are our own.
    private static void Same(Tensor expected, Tensor actual) =>
        Assert.All(Numbers(expected).Zip(Numbers(actual)), pair => Assert.Equal(pair.First, pair.Second, MatrixProducts.AreOwn ? 0 : 1e-5));

    private PromptReading ReadPrompt() => Decoder.Read([.. Enumerable.Range(20, Prompt)]);
}
