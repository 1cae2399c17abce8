using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>A server whose reward model has another vocabulary than the policy, and beside it one that has the policy's.</summary>
public sealed class OtherVocabularyTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        OtherVocabulary.WriteReward(_folder.File("other"), seed: 4);
        _server = await RunningServer.StartAsync(
            null,
            $"Models:Rewards:other:Folder={_folder.File("other")}",
            "Models:Rewards:same:Folder={folder}/reward",
            "Models:Rewards:same:Share=0");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("energy_search")]
    [InlineData("best_of_n")]
    [InlineData("args")]
    [InlineData("chunk_beam_search")]
    [InlineData("sea")]
    [InlineData("base")]
    public async Task A_method_answers_with_the_reward_of_the_text(string method)
    {
        AlignResponse answer = await _server.AlignAsync(Spec(method));
        Assert.Equal(await ScoreAsync(answer.Final.Response.TokenIds), answer.Final.Response.Reward, 1e-4);
        Assert.True(answer.Final.Cost.RewardTokens > 0 || method == "base");
    }

    [Theory]
    [InlineData(SeaPreset.Langevin)]
    [InlineData(SeaPreset.Paper)]
    public async Task Langevin_is_refused_by_name_and_runs_where_the_reward_has_no_share(SeaPreset preset)
    {
        AlignmentSpec spec = Spec("sea");
        spec.Sea = new SeaParameters { Preset = preset, Iterations = 2 };
        RpcException failure = await Failures.OfAsync(() => _server.AlignAsync(spec));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal("spec.sea", Assert.Single(failure.Violations()).Field);
        Assert.Contains("SEA_SAMPLER_LANGEVIN", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("other has another vocabulary", failure.Status.Detail, StringComparison.Ordinal);

        spec.RewardModel = "same";
        Assert.True(double.IsFinite((await _server.AlignAsync(spec)).Final.Response.Energy));
    }

    [Fact]
    public async Task The_server_says_what_runs_with_each_reward()
    {
        GetServerInfoResponse info = await _server.Info.GetServerInfoAsync(new());
        ModelInfo other = info.Models.Single(model => model.Name == "other");
        ModelInfo same = info.Models.Single(model => model.Name == "same");
        string[] all = ["sea", "sea_paper", "sea_langevin", "best_of_n", "args", "chunk_beam_search", "base", "energy_search"];
        Assert.Equal((true, true, false), (other.ReadsText, other.EstimatesGradient, other.LacksGradient));
        Assert.Equal((false, false, false), (same.ReadsText, same.EstimatesGradient, same.LacksGradient));
        Assert.Equal(all.Order(), same.Methods.Order());
        Assert.Equal(all.Except(["sea_paper", "sea_langevin"]).Order(), other.Methods.Order());
        Assert.Empty(info.Models.Single(model => model.Role == ModelRole.Policy).Methods);
    }

    [Fact]
    public async Task Several_rewards_are_weighted()
    {
        AlignmentSpec spec = Spec("energy_search");
        spec.RewardShares.Add([new RewardShare { Name = "other", Share = 0.5 }, new RewardShare { Name = "same", Share = 1 }]);
        AlignResponse answer = await _server.AlignAsync(spec);
        Assert.Equal(
            await ScoreAsync(answer.Final.Response.TokenIds, ("other", 0.5), ("same", 1)), answer.Final.Response.Reward, 1e-4);
    }

    [Fact]
    public async Task An_answer_that_is_too_long_for_the_reward_model_is_named()
    {
        AlignmentSpec spec = Spec("sea");
        // Each of these is one token of the policy's bytes, and there are more than the reward model reads with its template.
        spec.DraftResponse = new ResponseContent { TokenIds = new TokenIds { Ids = { Enumerable.Repeat(200, 495) } } };
        spec.ClearMaxResponseTokens();
        RpcException failure = await Failures.OfAsync(() => _server.AlignAsync(spec));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Contains(failure.Violations(), violation => violation.Field == "spec.draft_response");
    }

    private static AlignmentSpec Spec(string method)
    {
        var spec = new AlignmentSpec { Prompt = Specs.Chat((Role.User, "How are you?")), MaxResponseTokens = 10, Seed = 7 };
        switch (method)
        {
            case "best_of_n": spec.BestOfN = new BestOfNParameters { SampleCount = 4 }; break;
            case "args": spec.Args = new ArgsParameters { Candidates = 4 }; break;
            case "chunk_beam_search": spec.ChunkBeamSearch = new ChunkBeamSearchParameters { ChunkTokens = 3 }; break;
            case "sea": spec.Sea = new SeaParameters { Iterations = 3, Chains = 2 }; break;
            case "base": spec.Base = new BaseParameters(); break;
            default: spec.EnergySearch = new EnergySearchParameters { Iterations = 4 }; break;
        }

        return spec;
    }

    private async Task<double> ScoreAsync(IEnumerable<int> ids, params (string Name, double Share)[] shares)
    {
        var request = new ScoreRequest
        {
            Pairs =
            {
                new ScorePair
                {
                    Prompt = Spec("base").Prompt,
                    Response = new ResponseContent { TokenIds = new TokenIds { Ids = { ids } } },
                },
            },
            RewardShares = { shares.Select(share => new RewardShare { Name = share.Name, Share = share.Share }) },
        };
        return (await _server.Alignment.ScoreAsync(request)).Results[0].Reward;
    }
}
