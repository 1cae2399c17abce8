using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.Server.Models;
using SeaGrpc.Testing;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests.RemoteRewards;

/// <summary>A reward behind the contract's RewardService, alone and beside a model's.</summary>
public sealed class GrpcRewardTests : IAsyncLifetime
{
    private RewardHost _host = null!;
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RewardHost.StartAsync();
        _server = await RunningServer.StartAsync(
            null,
            $"Models:Rewards:judge:Endpoint={_host.Address}",
            "Models:Rewards:judge:ApiKey=a-key-of-ours",
            "Models:Rewards:judge:Model=strict",
            "Models:Rewards:model:Folder={folder}/reward",
            "Models:Rewards:model:Share=0",
            "Models:Rewards:scaled:Mean=2",
            "Models:Rewards:scaled:Deviation=4",
            $"Models:Rewards:scaled:Endpoint={_host.Address}",
            "Models:Rewards:scaled:Share=0");
        _host.Asked.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Pairs_whose_prompts_take_turns_have_their_own_rewards()
    {
        (string Prompt, string Response)[] pairs = [("How?", "a b"), ("Why?", "c"), ("How?", "d e"), ("Why?", "a b"), ("How?", "f")];
        var request = new ScoreRequest
        {
            Pairs = { pairs.Select(pair => new ScorePair { Prompt = Specs.Text(pair.Prompt), Response = Specs.Response(pair.Response) }) },
        };
        _host.Reward = (prompt, response) => RewardHost.Worth(prompt.Messages[0].Content + response.Text);
        ServedModels served = _server.Models.Served;
        Assert.Equal(
            pairs.Select(pair => RewardHost.Worth(pair.Prompt + served.Tokenizer.Decode(served.Prompts.EncodeResponse(pair.Response)))),
            await ScoreAsync(request, ("judge", 1)));
    }

    [Fact]
    public async Task Its_numbers_are_the_rewards()
    {
        string[] texts = ["a b c", "", "It ends here."];
        var request = new ScoreRequest
        {
            Pairs = { texts.Select(text => new ScorePair { Prompt = Specs.Text("How are you?"), Response = Specs.Response(text) }) },
        };
        ServedModels served = _server.Models.Served;
        string[] read = [.. texts.Select(text => served.Tokenizer.Decode(served.Prompts.EncodeResponse(text)))];
        double[] judged = await ScoreAsync(request, ("judge", 1));
        Assert.Equal(read.Select(RewardHost.Worth), judged);
        RewardServiceScoreRequest asked = Assert.Single(_host.Asked);
        Assert.Equal("strict", asked.Model);
        Assert.All(
            asked.Prompts,
            prompt => Assert.Equal([new ChatMessage { Role = Role.User, Content = "How are you?" }], prompt.Messages));
        Assert.Equal(
            read.Select(text => new ResponseToScore { Text = text, Complete = true }),
            asked.Prompts.SelectMany(prompt => prompt.Responses));
        Assert.Contains("Bearer a-key-of-ours", _host.Authorizations);

        double[] model = await ScoreAsync(request, ("model", 1));
        double[] mixed = await ScoreAsync(request, ("judge", 0.5), ("model", -2), ("scaled", 3));
        for (int row = 0; row < texts.Length; row++)
        {
            double expected = (0.5 * judged[row]) - (2 * model[row]) + (3 * (judged[row] - 2) / 4);
            Assert.Equal(expected, mixed[row], 1e-4);
        }
    }

    [Fact]
    public async Task Every_method_that_needs_no_gradient_answers_with_its_exact_reward()
    {
        AlignmentSpec[] specs =
        [
            new() { BestOfN = new BestOfNParameters { SampleCount = 8 } },
            new() { Args = new ArgsParameters { Candidates = 4 } },
            new() { ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 2, ChunkTokens = 2 } },
            new() { EnergySearch = new EnergySearchParameters { Iterations = 4 } },
            new() { Sea = new SeaParameters { Chains = 1, Iterations = 2, ProposalOrder = SeaProposalOrder.Policy } },
            new() { Base = new BaseParameters() },
        ];
        foreach (AlignmentSpec spec in specs)
        {
            _host.Asked.Clear();
            spec.Prompt = Specs.Chat((Role.System, "Be kind."), (Role.User, "Why?"), (Role.Assistant, "Because."), (Role.User, "How?"));
            spec.MaxResponseTokens = 8;
            spec.Seed = 7;
            AlignmentFinal final = (await _server.AlignAsync(spec)).Final;
            Assert.NotEqual(StopReason.RewardFailed, final.StopReason);
            Assert.Equal((float)RewardHost.Worth(final.Response.Text), final.Response.Reward);
            Assert.NotEmpty(_host.Asked);
            Assert.All(_host.Asked.SelectMany(request => request.Prompts), prompt =>
            {
                Assert.Equal(spec.Prompt.Chat.Messages, prompt.Messages);
                Assert.Equal(prompt.Responses.Distinct().Count(), prompt.Responses.Count);
            });
        }
    }

    [Fact]
    public async Task What_a_turn_wants_scored_is_one_request()
    {
        await _server.AlignAsync(new AlignmentSpec
        {
            Prompt = Specs.Text("How are you?"),
            BestOfN = new BestOfNParameters { SampleCount = 12 },
            MaxResponseTokens = 6,
            Seed = 3,
        });
        RewardServiceScoreRequest asked = Assert.Single(_host.Asked);
        Assert.Equal(12, asked.Prompts.Single().Responses.Count);

        _host.Asked.Clear();
        AlignmentFinal final = (await _server.AlignAsync(new AlignmentSpec
        {
            Prompt = Specs.Text("How are you?"),
            Sea = new SeaParameters { Chains = 2, Iterations = 3, ProposalOrder = SeaProposalOrder.Policy, PlateauIterations = 0 },
            MaxResponseTokens = 6,
            Seed = 3,
        })).Final;
        // The drafts, then for each iteration its substitutions, and the combinations of those that helped.
        Assert.InRange(_host.Asked.Count, 2, 1 + (2 * final.IterationsRun));
    }

    [Fact]
    public async Task What_needs_a_gradient_is_refused_and_the_server_says_so()
    {
        GetServerInfoResponse info = await _server.Info.GetServerInfoAsync(new());
        Assert.Equal(
            [("judge", true, _host.Address, "Grpc"), ("model", false, "", "LlamaForSequenceClassification"), (
                "scaled", true, _host.Address, "Grpc")],
            info.Models.Where(model => model.Role == ModelRole.Reward)
                .Select(model => (model.Name, model.LacksGradient, model.Address, model.Architecture)));
        Assert.Contains(
            $"Grpc at {_host.Address}; no gradient, so sea needs SEA_PROPOSAL_ORDER_POLICY or SEA_PROPOSAL_ORDER_RANDOM, "
                + "and energy_search cannot use ENERGY_SEARCH_CUT_GRADIENT",
            _server.Description);
        AlignmentSpec[] refused =
        [
            Specs.Sea(),
            new() { Sea = new SeaParameters { Sampler = SeaSampler.Langevin } },
            new() { EnergySearch = new EnergySearchParameters { Cut = EnergySearchCut.Gradient } },
        ];
        foreach (AlignmentSpec spec in refused)
        {
            spec.Prompt = Specs.Text("How are you?");
            RpcException failure = await Failures.OfAsync(() => _server.AlignAsync(spec));
            Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
            Assert.Contains($"judge at {_host.Address} has none", failure.Status.Detail);
        }

        AlignmentSpec unread = Specs.Sea();
        unread.RewardModel = "model";
        Assert.NotNull((await _server.AlignAsync(unread)).Final);
    }

    [Fact]
    public async Task It_may_listen_on_a_Unix_socket()
    {
        using var folder = new TemporaryFolder();
        await using RewardHost host = await RewardHost.StartAsync(socket: folder.File("judge.sock"));
        await using RunningServer server = await RunningServer.StartAsync(
            null, $"Models:Rewards:judge:Endpoint=unix:{folder.File("judge.sock")}");
        ScoredResponse best = (await server.AlignAsync(
            new AlignmentSpec { Prompt = Specs.Text("a"), BestOfN = new BestOfNParameters { SampleCount = 2 } })).Final.Response;
        Assert.Equal((float)RewardHost.Worth(best.Text), best.Reward);
    }

    private async Task<double[]> ScoreAsync(ScoreRequest request, params (string Name, double Share)[] shares)
    {
        request.RewardShares.Clear();
        request.RewardShares.Add(shares.Select(share => new RewardShare { Name = share.Name, Share = share.Share }));
        return [.. (await _server.Alignment.ScoreAsync(request)).Results.Select(result => result.Reward)];
    }
}
