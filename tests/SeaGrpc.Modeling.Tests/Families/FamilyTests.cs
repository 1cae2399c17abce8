using System.Text.Json.Nodes;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests.Families;

/// <summary>Every family against <see cref="PlainModel"/>.</summary>
[Trait("tier", "slow")]
public sealed class FamilyTests : IDisposable
{
    private const int Positions = 23;
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases => [.. FamilyCheckpoint.Configs.Keys];

    private static long[] Ids => [.. Enumerable.Range(0, Positions).Select(at => (long)(at * 37 % 256))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_are_those_of_the_plain_model(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (PlainModel plain, PolicyModel model) = Load(name);
        using PolicyModel owned = model;
        AssertClose(PlainLogits(plain, plain.Embed(Ids)), Logits(model.Decoder, model.Decoder.Embed(tensor(Ids).unsqueeze(0)), null), 1e-4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Embeddings_that_no_token_has_are_read_as_well(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (PlainModel plain, PolicyModel model) = Load(name);
        using PolicyModel owned = model;
        using var generator = new Generator(3);
        Tensor embeddings = randn([1, Positions, 24], generator: generator);
        float[] values = embeddings.data<float>().ToArray();
        double[][] rows = [.. values.Chunk(24).Select(row => row.Select(value => (double)value).ToArray())];
        AssertClose(PlainLogits(plain, rows), Logits(model.Decoder, embeddings, null), 1e-4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_cache_that_grows_or_is_frozen_changes_nothing(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        (_, PolicyModel model) = Load(name);
        using PolicyModel owned = model;
        TransformerDecoder decoder = model.Decoder;
        Tensor embeddings = decoder.Embed(tensor(Ids).unsqueeze(0));
        double[] whole = Logits(decoder, embeddings, null);

        // One by one, then several at once; the windows of the cases end inside both.
        using KeyValueCache growing = KeyValueCache.Create(decoder, 1, Positions);
        double[] first = [.. Enumerable.Range(0, 9).SelectMany(at => Logits(decoder, embeddings.narrow(1, at, 1), growing))];
        AssertClose(
            whole,
            [.. first, .. Logits(decoder, embeddings.narrow(1, 9, 8), growing), .. Logits(decoder, embeddings.narrow(1, 17, 6), growing)],
            1e-4);

        using KeyValueCache frozen = KeyValueCache.Create(decoder, 1, 7);
        double[] prefix = Logits(decoder, embeddings.narrow(1, 0, 7), frozen);
        frozen.Freeze();
        Tensor rows = embeddings.narrow(1, 7, Positions - 7).expand(3, -1, -1);
        double[] each = Logits(decoder, rows, frozen);
        Assert.All(each.Chunk(each.Length / 3), row => AssertClose(whole, [.. prefix, .. row], 1e-4));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_at_the_embeddings_are_the_plain_models_slopes(string name)
    {
        using var scope = NewDisposeScope();
        (PlainModel plain, PolicyModel model) = Load(name);
        using PolicyModel owned = model;
        const int count = 9;
        const int token = 65;
        Tensor embeddings = model.Decoder.Embed(tensor(Ids[..count]).unsqueeze(0)).detach().requires_grad_(true);
        Tensor last = model.Decoder.Logits(model.Decoder.Forward(embeddings))[0, count - 1, token];
        float[] gradient = autograd.grad([last], [embeddings])[0].data<float>().ToArray();

        foreach ((int at, int dimension) in new[] { (0, 3), (4, 11), (8, 23) })
        {
            double Logit(double by)
            {
                double[][] moved = plain.Embed(Ids[..count]);
                moved[at] = [.. moved[at]];
                moved[at][dimension] += by;
                return plain.Logits(plain.Forward(moved)[^1])[token];
            }

            Assert.Equal((Logit(1e-5) - Logit(-1e-5)) / 2e-5, gradient[(at * 24) + dimension], 2e-3);
        }
    }

    [Theory]
    [InlineData("llama", "ForSequenceClassification")]
    [InlineData("mistral", "ForSequenceClassification")]
    [InlineData("qwen2", "ForSequenceClassification")]
    [InlineData("qwen3", "ForSequenceClassification")]
    [InlineData("gemma2", "ForSequenceClassification")]
    [InlineData("phi3", "ForSequenceClassification")]
    [InlineData("qwen2", "ForRewardModel")]
    public void Rewards_are_those_of_the_plain_model_and_scaled_where_asked(string name, string head)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        PlainModel plain = Plain(name, FamilyCheckpoint.Write(_folder.Path, name, head));
        double expected = plain.Reward(plain.Forward(plain.Embed(Ids))[^1]);
        using RewardModel raw = RewardModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32));
        using RewardModel scaled = RewardModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32), new RewardScale(2, 4));
        Assert.Equal(expected, Reward(raw), 1e-4);
        Assert.Equal((expected - 2) / 4, Reward(scaled), 1e-4);
        Assert.Equal(RewardGains.OfPreferences, raw.Gains);
        Assert.Equal(new RewardGains(raw.Gains.Counts / 4, raw.Gains.OverBeatenDraft / 4, raw.Gains.OverDraft / 4), scaled.Gains);
    }

    [Theory]
    [InlineData(ScalarType.Float16, ModelDtype.Float32, 1e-4)]
    [InlineData(ScalarType.BFloat16, ModelDtype.Float32, 1e-4)]
    [InlineData(ScalarType.BFloat16, ModelDtype.BFloat16, 0.35)]
    [InlineData(ScalarType.Float32, ModelDtype.BFloat16, 0.35)]
    public void Weights_of_every_format_and_in_shards_are_served_in_the_wanted_one(ScalarType stored, ModelDtype wanted, double tolerance)
    {
        foreach (string name in new[] { "llama", "qwen3", "gemma2", "phi3" })
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            string folder = _folder.File(name);
            PlainModel plain = Plain(name, FamilyCheckpoint.Write(folder, name, dtype: stored, shards: 3));
            using PolicyModel model = PolicyModel.Load(folder, new ModelLoadOptions("cpu", wanted));
            AssertClose(
                PlainLogits(plain, plain.Embed(Ids)), Logits(model.Decoder, model.Decoder.Embed(tensor(Ids).unsqueeze(0)), null),
                tolerance);
        }
    }

    [Fact]
    public void Longrope_is_served_up_to_the_length_where_its_makers_switch_the_divisors()
    {
        FamilyCheckpoint.Write(_folder.Path, "phi3, longrope");
        using PolicyModel model = PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu"));
        Assert.Equal(64, model.Description.MaxPositions);
    }

    private static double Reward(RewardModel model)
    {
        Tensor hidden = model.Decoder.Forward(model.Decoder.Embed(tensor(Ids).unsqueeze(0)));
        return model.Head.Rewards(hidden.narrow(1, Positions - 1, 1).flatten(0, 1)).item<float>();
    }

    private (PlainModel Plain, PolicyModel Model) Load(string name)
    {
        PlainModel plain = Plain(name, FamilyCheckpoint.Write(_folder.Path, name));
        return (plain, PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32)));
    }

    private static PlainModel Plain(string name, Dictionary<string, double[]> weights)
    {
        JsonObject config = FamilyCheckpoint.Parse(name);
        return new PlainModel(config, FamilyCheckpoint.Family(config), weights);
    }

    private static double[] PlainLogits(PlainModel plain, double[][] embeddings) => [.. plain.Forward(embeddings).SelectMany(plain.Logits)];

    private static double[] Logits(TransformerDecoder decoder, Tensor embeddings, KeyValueCache? cache) =>
        [.. decoder.Logits(decoder.Forward(embeddings, cache))
            .to(ScalarType.Float32)
            .data<float>()
            .ToArray()
            .Select(value => (double)value)];

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.InRange(expected.Zip(actual, (left, right) => Math.Abs(left - right)).Max(), 0, tolerance);
    }
}
