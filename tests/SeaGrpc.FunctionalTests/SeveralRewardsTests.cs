using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>
/// Rewards that the operator names, weighted by the operator and by requests, one of them implied by two language models.
/// </summary>
public sealed class SeveralRewardsTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        string models = Path.Combine(AppContext.BaseDirectory, "models");
        _server = await RunningServer.StartAsync(
            null,
            $"Models:Policy={Path.Combine(models, "tiny-policy")}",
            $"Models:Rewards:helpful:Folder={Path.Combine(models, "tiny-reward")}",
            $"Models:Rewards:scaled:Folder={Path.Combine(models, "tiny-reward")}",
            "Models:Rewards:scaled:Mean=3",
            "Models:Rewards:scaled:Deviation=2",
            "Models:Rewards:scaled:Share=0.5",
            $"Models:Rewards:tuned:Folder={Path.Combine(models, "tiny-policy")}",
            $"Models:Rewards:tuned:Basis={Path.Combine(models, "tiny-policy")}",
            "Models:Rewards:tuned:Share=0");
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Scores_are_sums_by_the_shares_of_the_operator_or_of_the_request()
    {
        double raw = await ScoreAsync(("helpful", 1));
        Assert.Equal((raw - 3) / 2, await ScoreAsync(("scaled", 1)), 1e-4);
        Assert.Equal(0, await ScoreAsync(("tuned", 1)), 1e-4);
        Assert.Equal((2 * raw) - (0.25 * (raw - 3) / 2), await ScoreAsync(("helpful", 2), ("scaled", -0.25)), 1e-4);
        Assert.Equal(raw + (0.5 * (raw - 3) / 2), await ScoreAsync(), 1e-4);
        ScoreRequest alone = Request();
        alone.RewardModel = "helpful";
        Assert.Equal(raw, (await _server.Alignment.ScoreAsync(alone)).Results[0].Reward, 1e-4);
    }

    [Fact]
    public async Task An_alignment_echoes_its_shares_and_is_scored_by_them()
    {
        var spec = new AlignmentSpec
        {
            Prompt = Request().Pairs[0].Prompt,
            BestOfN = new BestOfNParameters { SampleCount = 2 },
            Seed = 1,
            RewardShares = { new RewardShare { Name = "tuned", Share = 1 }, new RewardShare { Name = "helpful", Share = 0.5 } },
        };
        AlignResponse response = await _server.Alignment.AlignAsync(new AlignRequest { Spec = spec });
        Assert.Equal(
            [("helpful", 0.5), ("tuned", 1)],
            response.Started.EffectiveSpec.RewardShares.Select(share => (share.Name, share.Share)));
        Assert.False(response.Started.EffectiveSpec.HasRewardModel);
        Assert.True(double.IsFinite(response.Final.Response.Reward));
    }

    [Fact]
    public async Task The_server_lists_its_rewards()
    {
        GetServerInfoResponse info = await _server.Info.GetServerInfoAsync(new());
        Assert.Equal(
            [(ModelRole.Policy, "tiny-policy", 0.0), (ModelRole.Reward, "helpful", 1), (ModelRole.Reward, "scaled", 0.5), (
                ModelRole.Reward, "tuned", 0)],
            info.Models.Select(model => (model.Role, model.Name, model.RewardShare)));
    }

    [Theory]
    [InlineData("reward_shares[0].name", "other", 1.0)]
    [InlineData("reward_shares[0].share", "helpful", double.NaN)]
    [InlineData("reward_shares", "helpful", 0.0)]
    public async Task Shares_that_are_wrong_are_named(string field, string name, double share)
    {
        ScoreRequest request = Request((name, share));
        RpcException failure = await Assert.ThrowsAsync<RpcException>(async () => await _server.Alignment.ScoreAsync(request));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains(field, failure.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<double> ScoreAsync(params (string Name, double Share)[] shares) =>
        (await _server.Alignment.ScoreAsync(Request(shares))).Results[0].Reward;

    private static ScoreRequest Request(params (string Name, double Share)[] shares) =>
        new()
        {
            Pairs =
            {
                new ScorePair
                {
                    Prompt = new Prompt
                    {
                        Chat = new Chat
                        {
                            Messages =
                            {
                                new ChatMessage { Role = Role.User, Content = "My kettle is leaking, what can you do?" },
                            },
                        },
                    },
                    Response = new ResponseContent { Text = "Our team will answer your calls." },
                },
            },
            RewardShares = { shares.Select(share => new RewardShare { Name = share.Name, Share = share.Share }) },
        };
}
