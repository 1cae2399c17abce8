using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>Passes that are recorded in two parts, below and above a split, against those of the whole stack.</summary>
public sealed class SplitPassTests : IDisposable
{
    private const int Rows = 3;
    private const int Positions = 9;
    private const int Prompt = 11;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string name in (string[])["llama", "mistral", "qwen3", "gemma2", "phi3, longrope"])
            {
                Array.ForEach([1, 2, 3], split => cases.Add(name, split));
            }

            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void States_and_gradients_are_those_of_the_whole(string name, int split)
    {
        using PolicyModel model = Load(name);
        Assert.True(model.Decoder.IsWrittenOut);
        AssertSame(model.Decoder, split);
    }

    /// <summary>As on other devices: in a format that the layers are not written out for.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void So_are_those_of_autograd(string name, int split)
    {
        using PolicyModel model = Load(name);
        Dictionary<string, Tensor> weights = model.Decoder.NamedWeights().ToDictionary(weight => weight.Name, weight => weight.Value);
        using var decoder = new TransformerDecoder(
            model.Decoder.Config, WeightSources.OneByOne((own, _) => weights[own].to(ScalarType.Float64)), withOutput: false);
        Assert.False(decoder.IsWrittenOut);
        AssertSame(decoder, split);
    }

    private static void AssertSame(TransformerDecoder decoder, int split)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(5);
        Tensor Ids(int rows, int positions) => randint(0, 264, [rows, positions], ScalarType.Int64, generator: generator);
        using KeyValueCache cache = KeyValueCache.Create(decoder, 1, Prompt);
        decoder.Forward(decoder.Embed(Ids(1, Prompt)), cache);
        cache.Freeze();
        Tensor embeddings = decoder.Embed(Ids(Rows, Positions));
        Tensor gradient = randn([Rows, Positions, decoder.Config.HiddenSize], generator: generator).to(decoder.Dtype);
        using RecordedPass whole = decoder.Record(embeddings, cache);
        decoder.SplitAt(split);
        using RecordedPass below = TransformerDecoder.Record(DecoderSection.Below(decoder, split), embeddings, cache);
        using RecordedPass above = decoder.RecordAbove(below.Hidden, cache);

        Assert.InRange(Difference(above.Hidden, whole.Hidden), 0, 2e-6);
        Assert.InRange(Difference(decoder.ForwardAbove(below.Hidden, cache), whole.Hidden), 0, 2e-6);
        Assert.InRange(Difference(below.Backward(above.Backward(gradient)), whole.Backward(gradient)), 0, 1e-5);
    }

    private static double Difference(Tensor actual, Tensor expected) =>
        ((actual - expected).norm() / expected.norm()).to(ScalarType.Float64).item<double>();

    private PolicyModel Load(string name)
    {
        FamilyCheckpoint.Write(_folder.Path, name);
        return PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32));
    }
}
