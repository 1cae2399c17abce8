using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>
/// In float32, what a position gets depends on the tokens before it alone, not on the pass that reads it. So whoever has read it, another
/// may copy it (docs/decisions/0007).
/// </summary>
public sealed class PositionBitsTests : IDisposable
{
    private const int Length = 44;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Families => [.. FamilyCheckpoint.Configs.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_position_has_the_same_bits_in_every_pass(string name)
    {
        FamilyCheckpoint.Write(_folder.Path, name);
        using PolicyModel model = PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32));
        TransformerDecoder decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        long[] response = [.. Enumerable.Range(0, Length).Select(index => (long)(5 + (index * 7 % 40)))];
        using PromptReading prompt = decoder.Read([.. Enumerable.Range(0, 37).Select(index => 5 + (index * 11 % 40))]);
        float[] expected = InParts(decoder, prompt.Cache, response, Length);
        foreach (int count in (int[])[1, 2, 3, 5, 16, 17, 30])
        {
            Same(expected, InParts(decoder, prompt.Cache, response, count));
        }

        // After the frozen prompt, without keys and values that stay.
        Same(expected, Numbers(decoder.Forward(decoder.Embed(Ids(response)), prompt.Cache)));

        // Beside other rows, of which it is not the first.
        long[] other = [.. response.Reverse()];
        using KeyValueCache rows = prompt.Cache.Branch(decoder, 5, prompt.Cache.Length + Length);
        Tensor five = Ids([.. other, .. other, .. response, .. other, .. other]).view(5, -1);
        Same(expected, Numbers(decoder.Forward(decoder.Embed(five), rows).narrow(0, 2, 1)));

        // As a row that goes on from another's, from every place.
        foreach (int cut in (int[])[1, 3, 18, 43])
        {
            using KeyValueCache fan = rows.Fan(decoder, [0, 2, 1], prompt.Cache.Length + Length, prompt.Cache.Length + cut);
            Tensor rest = Ids([.. other[cut..], .. response[cut..], .. other[cut..]]).view(3, -1);
            Tensor states = decoder.Forward(decoder.Embed(rest), fan);
            Same(expected[^((Length - cut) * decoder.Config.HiddenSize)..], Numbers(states.narrow(0, 1, 1)));
        }

        // In one batch with passes of other widths.
        using KeyValueCache one = prompt.Cache.Branch(decoder, 1, prompt.Cache.Length + Length);
        using KeyValueCache two = prompt.Cache.Branch(decoder, 2, prompt.Cache.Length + 3);
        Tensor[] together = decoder.Forward(
            [(decoder.Embed(Ids([.. other[..3], .. response[..3]]).view(2, -1)), two), (decoder.Embed(Ids(response)), one)]);
        Same(expected, Numbers(together[1]));
        Same(expected[..(3 * decoder.Config.HiddenSize)], Numbers(together[0].narrow(0, 1, 1)));

        // Recorded for a backward pass.
        using RecordedPass recorded = decoder.Record(decoder.Embed(Ids(response)), prompt.Cache);
        Same(expected, Numbers(recorded.Hidden));
    }

    public void Dispose() => _folder.Dispose();

    private static Tensor Ids(long[] ids) => tensor(ids).unsqueeze(0);

    private static float[] Numbers(Tensor states) => states.contiguous().data<float>().ToArray();

    private static float[] InParts(TransformerDecoder decoder, KeyValueCache prompt, long[] response, int count)
    {
        using KeyValueCache cache = prompt.Branch(decoder, 1, prompt.Length + Length);
        return [.. response.Chunk(count).SelectMany(part => Numbers(decoder.Forward(decoder.Embed(Ids(part)), cache)))];
    }

    // libtorch's products, where there are no own ones, round differently for other numbers of rows.
    private static void Same(float[] expected, float[] actual)
    {
        if (MatrixProducts.AreOwn)
        {
            Assert.Equal(expected, actual);
            return;
        }

        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }
}
