using SeaGrpc.Cli.Hub;
using SeaGrpc.Cli.Serve;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;

namespace SeaGrpc.Cli.Tests.Serve;

public sealed class ServePlanTests : IDisposable
{
    private const long Plenty = 1L << 40;
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFolder _policy;
    private readonly ModelFolder _reward;

    public ServePlanTests()
    {
        // Wide enough that the weights are what counts.
        var shape = new TinyShape(Hidden: 256, FeedForward: 1024, Heads: 32, KeyValueHeads: 32);
        TinyCheckpoint.WritePolicy(_folder.File("policy"), seed: 1, shape);
        TinyCheckpoint.WriteReward(_folder.File("reward"), seed: 2, shape);
        _policy = ModelFolder.Find(_folder.File("policy"));
        _reward = ModelFolder.Find(_folder.File("reward"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Where_both_formats_fit_the_server_chooses()
    {
        ServePlan plan = ServePlan.Of(_policy, _reward, ModelDtype.Auto, Plenty);
        Assert.Equal(
            [
                ("SeaGrpc:Models:Policy", _folder.File("policy")), ("SeaGrpc:Models:PolicyName", "policy"),
                ("SeaGrpc:Models:Reward", _folder.File("reward")), ("SeaGrpc:Models:RewardName", "reward"),
            ],
            plan.Settings.Select(setting => (setting.Key, setting.Value)));
        Assert.Empty(plan.Notes);
    }

    [Fact]
    public void Where_only_bfloat16_fits_it_is_chosen_and_told()
    {
        long wide = Needed(ModelDtype.Float32);
        long narrow = Needed(ModelDtype.BFloat16);
        Assert.True(narrow < wide);

        ServePlan plan = ServePlan.Of(_policy, _reward, ModelDtype.Auto, wide - 1);
        Assert.Contains(new KeyValuePair<string, string>("SeaGrpc:Models:Dtype", "BFloat16"), plan.Settings);
        Assert.StartsWith("bfloat16, because float32 would need about", Assert.Single(plan.Notes), StringComparison.Ordinal);
        CliException tooLarge = Assert.Throws<CliException>(() => ServePlan.Of(_policy, _reward, ModelDtype.Auto, narrow - 1));
        Assert.Contains("in bfloat16, but this process may use", tooLarge.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_memory_is_a_gpus_nothing_is_said_of_it() =>
        Assert.Empty(ServePlan.Of(_policy, _reward, ModelDtype.Auto, memory: null).Notes);

    [Fact]
    public void Without_models_there_is_nothing_to_set() => Assert.Empty(ServePlan.Of(null, null, ModelDtype.Auto, Plenty).Settings);

    /// <summary>The least memory with which a format is accepted, found by trying.</summary>
    private long Needed(ModelDtype dtype)
    {
        (long tooLittle, long enough) = (0, Plenty);
        while (enough - tooLittle > 1)
        {
            long middle = (tooLittle + enough) / 2;
            try
            {
                ServePlan.Of(_policy, _reward, dtype, middle);
                enough = middle;
            }
            catch (CliException)
            {
                tooLittle = middle;
            }
        }

        return enough;
    }
}
