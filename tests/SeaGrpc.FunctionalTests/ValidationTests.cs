using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SeaGrpc.FunctionalTests.Support;
using SeaGrpc.V1;

namespace SeaGrpc.FunctionalTests;

/// <summary>Every violation is INVALID_ARGUMENT with its full field path, and the server answers the next call.</summary>
[Collection(SharedServerTests.Name)]
public sealed class ValidationTests(SharedServer shared)
{
    private static readonly Dictionary<string, (string Field, Action<AlignmentSpec> Change)> Cases = new()
    {
        ["no prompt"] = ("spec.prompt", spec => spec.Prompt = null),
        ["prompt without content"] = ("spec.prompt", spec => spec.Prompt = new Prompt()),
        ["empty text"] = ("spec.prompt.text", spec => spec.Prompt = Specs.Text(string.Empty)),
        ["text over the limit"] = ("spec.prompt.text", spec => spec.Prompt = Specs.Text(new string('a', 401))),
        ["text over the models' tokens"] = ("spec.prompt", spec => spec.Prompt = Specs.Text(string.Concat(Enumerable.Repeat("😀", 200)))),
        ["no messages"] = ("spec.prompt.chat.messages", spec => spec.Prompt = Specs.Chat()),
        ["empty message"] = (
            "spec.prompt.chat.messages[1].content", spec => spec.Prompt = Specs.Chat((Role.System, "a"), (Role.User, string.Empty))),
        ["no role"] = ("spec.prompt.chat.messages[0].role", spec => spec.Prompt = Specs.Chat((Role.Unspecified, "a"))),
        ["unknown role"] = ("spec.prompt.chat.messages[0].role", spec => spec.Prompt = Specs.Chat(((Role)9, "a"))),
        ["assistant last"] = (
            "spec.prompt.chat.messages[1].role", spec => spec.Prompt = Specs.Chat((Role.User, "a"), (Role.Assistant, "b"))),
        ["chat over the limit"] = (
            "spec.prompt.chat", spec => spec.Prompt = Specs.Chat((Role.User, new string('a', 300)), (Role.User, new string('a', 300)))),
        ["no ids"] = ("spec.prompt.token_ids.ids", spec => spec.Prompt = new Prompt { TokenIds = new TokenIds() }),
        ["id past the vocabulary"] = (
            "spec.prompt.token_ids.ids[1]", spec => spec.Prompt = new Prompt { TokenIds = new TokenIds { Ids = { 1, 261 } } }),
        ["negative id"] = ("spec.prompt.token_ids.ids[0]", spec => spec.Prompt = new Prompt { TokenIds = new TokenIds { Ids = { -1 } } }),
        ["no chains"] = ("spec.sea.chains", spec => spec.Sea.Chains = 0),
        ["10000 chains"] = ("spec.sea.chains", spec => spec.Sea.Chains = 10_000),
        ["negative chains"] = ("spec.sea.chains", spec => spec.Sea.Chains = -1),
        ["no iterations"] = ("spec.sea.iterations", spec => spec.Sea.Iterations = 0),
        ["too many iterations"] = ("spec.sea.iterations", spec => spec.Sea.Iterations = 1001),
        ["step size NaN"] = ("spec.sea.step_size", spec => spec.Sea.StepSize = double.NaN),
        ["step size infinite"] = ("spec.sea.step_size", spec => spec.Sea.StepSize = double.PositiveInfinity),
        ["step size negative"] = ("spec.sea.step_size", spec => spec.Sea.StepSize = -0.1),
        ["step size 0"] = ("spec.sea.step_size", spec => spec.Sea.StepSize = 0),
        ["step size past fp32"] = ("spec.sea.step_size", spec => spec.Sea.StepSize = 1e300),
        ["temperature 0"] = ("spec.sea.temperature", spec => spec.Sea.Temperature = 0),
        ["temperature vanishing"] = ("spec.sea.temperature", spec => spec.Sea.Temperature = 1e-300),
        ["sampling temperature"] = ("spec.sea.sampling_temperature", spec => spec.Sea.SamplingTemperature = double.NegativeInfinity),
        ["reward weight"] = ("spec.sea.reward_weight", spec => spec.Sea.RewardWeight = -1),
        ["noise scale"] = ("spec.sea.noise_scale", spec => spec.Sea.NoiseScale = double.NaN),
        ["noise temperature"] = ("spec.sea.noise_temperature", spec => spec.Sea.NoiseTemperature = -1),
        ["embedding noise"] = ("spec.sea.embedding_noise", spec => spec.Sea.EmbeddingNoise = -1),
        ["plateau tolerance"] = ("spec.sea.plateau_tolerance", spec => spec.Sea.PlateauTolerance = double.NaN),
        ["plateau iterations"] = ("spec.sea.plateau_iterations", spec => spec.Sea.PlateauIterations = -1),
        ["top k"] = ("spec.sea.top_k", spec => spec.Sea.TopK = -1),
        ["preset unspecified"] = ("spec.sea.preset", spec => spec.Sea.Preset = SeaPreset.Unspecified),
        ["step unknown"] = ("spec.sea.step", spec => spec.Sea.Step = (SeaStep)77),
        ["noise unknown"] = ("spec.sea.noise", spec => spec.Sea.Noise = (SeaNoise)(-3)),
        ["reference unspecified"] = ("spec.sea.reference", spec => spec.Sea.Reference = SeaReference.Unspecified),
        ["initialization unknown"] = ("spec.sea.initialization", spec => spec.Sea.Initialization = (SeaInitialization)3),
        ["selection unspecified"] = ("spec.sea.selection", spec => spec.Sea.Selection = SeaSelection.Unspecified),
        ["length unknown"] = ("spec.sea.length", spec => spec.Sea.Length = (SeaLength)3),
        ["no samples"] = ("spec.best_of_n.sample_count", spec => spec.BestOfN = new BestOfNParameters { SampleCount = 0 }),
        ["too many samples"] = ("spec.best_of_n.sample_count", spec => spec.BestOfN = new BestOfNParameters { SampleCount = 1025 }),
        ["args reward weight"] = ("spec.args.reward_weight", spec => spec.Args = new ArgsParameters { RewardWeight = -1 }),
        ["no candidates"] = ("spec.args.candidates", spec => spec.Args = new ArgsParameters { Candidates = 0 }),
        ["too many candidates"] = ("spec.args.candidates", spec => spec.Args = new ArgsParameters { Candidates = 1025 }),
        ["guidance weight"] = ("spec.args.guidance_weight", spec => spec.Args = new ArgsParameters { GuidanceWeight = double.NaN }),
        ["args temperature"] = ("spec.args.temperature", spec => spec.Args = new ArgsParameters { Temperature = 0 }),
        ["args scoring unspecified"] = (
            "spec.args.prefix_scoring", spec => spec.Args = new ArgsParameters { PrefixScoring = ArgsPrefixScoring.Unspecified }),
        ["args scoring of the other method"] = (
            "spec.args.prefix_scoring", spec => spec.Args = new ArgsParameters { PrefixScoring = (ArgsPrefixScoring)3 }),
        ["args with a chain that is not there"] = ("spec.updates.chains[0]", spec =>
        {
            spec.Args = new ArgsParameters();
            spec.Updates = new UpdateOptions { Chains = { 1 } };
        }
        ),
        ["prefix open with args"] = ("spec.response_prefix.mode", spec =>
        {
            spec.Args = new ArgsParameters();
            spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("a"), Mode = PrefixMode.Open };
        }
        ),
        ["beams reward weight"] = (
            "spec.chunk_beam_search.reward_weight", spec =>
                spec.ChunkBeamSearch = new ChunkBeamSearchParameters { RewardWeight = double.NaN }),
        ["no beams"] = (
            "spec.chunk_beam_search.beam_width", spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 0 }),
        ["too many beams"] = (
            "spec.chunk_beam_search.beam_width", spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 1025 }),
        ["no successors"] = (
            "spec.chunk_beam_search.samples_per_beam", spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { SamplesPerBeam = 0 }),
        ["too many rows"] = (
            "spec.chunk_beam_search.samples_per_beam", spec =>
                spec.ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 32, SamplesPerBeam = 33 }),
        ["no chunk"] = (
            "spec.chunk_beam_search.chunk_tokens", spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { ChunkTokens = 0 }),
        ["beams temperature"] = (
            "spec.chunk_beam_search.temperature", spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { Temperature = -1 }),
        ["beams top k"] = ("spec.chunk_beam_search.top_k", spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { TopK = -1 }),
        ["beams scoring unknown"] = (
            "spec.chunk_beam_search.prefix_scoring", spec =>
                spec.ChunkBeamSearch = new ChunkBeamSearchParameters { PrefixScoring = (BeamPrefixScoring)4 }),
        ["no rollouts"] = (
            "spec.chunk_beam_search.rollouts", spec => spec.ChunkBeamSearch = new ChunkBeamSearchParameters { Rollouts = 0 }),
        ["too many rollouts"] = (
            "spec.chunk_beam_search.rollouts", spec =>
                spec.ChunkBeamSearch = new ChunkBeamSearchParameters { PrefixScoring = BeamPrefixScoring.Rollout, Rollouts = 65 }),
        ["ranking unspecified"] = (
            "spec.chunk_beam_search.rollout_ranking", spec =>
                spec.ChunkBeamSearch = new ChunkBeamSearchParameters { RolloutRanking = RolloutRanking.Unspecified }),
        ["a beam that is not there"] = ("spec.updates.chains[0]", spec =>
        {
            spec.ChunkBeamSearch = new ChunkBeamSearchParameters { BeamWidth = 2 };
            spec.Updates = new UpdateOptions { Chains = { 2 } };
        }
        ),
        ["base temperature"] = ("spec.base.sampling_temperature", spec => spec.Base = new BaseParameters { SamplingTemperature = 0 }),
        ["base with a draft"] = ("spec.draft_response", spec =>
        {
            spec.Base = new BaseParameters();
            spec.DraftResponse = Specs.Response("a");
        }
        ),
        ["empty draft"] = ("spec.draft_response.text", spec => spec.DraftResponse = Specs.Response(string.Empty)),
        ["draft without content"] = ("spec.draft_response", spec => spec.DraftResponse = new ResponseContent()),
        ["draft too long"] = ("spec.draft_response", spec => spec.DraftResponse = Specs.Response("12345678")),
        ["draft with a control token"] = (
            "spec.draft_response.token_ids.ids[0]", spec =>
                spec.DraftResponse = new ResponseContent { TokenIds = new TokenIds { Ids = { 257 } } }),
        ["draft past the vocabulary"] = (
            "spec.draft_response.token_ids.ids[0]", spec =>
                spec.DraftResponse = new ResponseContent { TokenIds = new TokenIds { Ids = { 99999 } } }),
        ["alternatives with another method"] = (
            "spec.alternative_responses", spec => spec.AlternativeResponses.Add(Specs.Response("a"))),
        ["an empty alternative"] = ("spec.alternative_responses[1].text", spec =>
        {
            spec.EnergySearch = new EnergySearchParameters();
            spec.AlternativeResponses.AddRange([Specs.Response("a"), Specs.Response(string.Empty)]);
        }
        ),
        ["an alternative that is too long"] = ("spec.alternative_responses[0]", spec =>
        {
            spec.EnergySearch = new EnergySearchParameters();
            spec.AlternativeResponses.Add(Specs.Response("12345678"));
        }
        ),
        ["more alternatives than samples"] = ("spec.alternative_responses", spec =>
        {
            spec.EnergySearch = new EnergySearchParameters();
            spec.AlternativeResponses.AddRange(Enumerable.Repeat(Specs.Response("a"), 1025));
        }
        ),
        ["prefix without content"] = ("spec.response_prefix.content", spec => spec.ResponsePrefix = new ResponsePrefix()),
        ["prefix mode"] = (
            "spec.response_prefix.mode", spec =>
                spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("a"), Mode = PrefixMode.Unspecified }),
        ["prefix open with base"] = ("spec.response_prefix.mode", spec =>
        {
            spec.Base = new BaseParameters();
            spec.ResponsePrefix = new ResponsePrefix { Content = Specs.Response("a"), Mode = PrefixMode.Open };
        }
        ),
        ["empty request id"] = ("spec.request_id", spec => spec.RequestId = string.Empty),
        ["long request id"] = ("spec.request_id", spec => spec.RequestId = new string('a', 129)),
        ["request id with a space"] = ("spec.request_id", spec => spec.RequestId = "a b"),
        ["time limit 0"] = ("spec.time_limit", spec => spec.TimeLimit = new Duration()),
        ["time limit negative"] = ("spec.time_limit", spec => spec.TimeLimit = new Duration { Seconds = -5 }),
        ["time limit with two signs"] = ("spec.time_limit", spec => spec.TimeLimit = new Duration { Seconds = 5, Nanos = -5 }),
        ["time limit too large"] = ("spec.time_limit", spec => spec.TimeLimit = new Duration { Seconds = long.MaxValue }),
        ["queue timeout negative"] = ("spec.queue_timeout", spec => spec.QueueTimeout = new Duration { Nanos = -1 }),
        ["a sufficient reward that is no number"] = ("spec.sufficient_reward", spec => spec.SufficientReward = double.NaN),
        ["an infinite sufficient reward"] = ("spec.sufficient_reward", spec => spec.SufficientReward = double.NegativeInfinity),
        ["a gain of reward without a draft"] = ("spec.min_reward_gain", spec => spec.MinRewardGain = 1),
        ["a gain of reward below 0"] = ("spec.min_reward_gain", spec =>
        {
            spec.DraftResponse = Specs.Response("a");
            spec.MinRewardGain = -0.5;
        }
        ),
        ["a gain over a beaten draft without a draft"] = ("spec.beaten_draft_gain", spec => spec.BeatenDraftGain = 1),
        ["a gain over a beaten draft above the other"] = ("spec.beaten_draft_gain", spec =>
        {
            spec.DraftResponse = Specs.Response("a");
            spec.MinRewardGain = 2;
            spec.BeatenDraftGain = 2.5;
        }
        ),
        ["no response tokens"] = ("spec.max_response_tokens", spec => spec.MaxResponseTokens = 0),
        ["too many response tokens"] = ("spec.max_response_tokens", spec => spec.MaxResponseTokens = 1025),
        ["more than the models have room for"] = ("spec.max_response_tokens", spec => spec.MaxResponseTokens = 511),
        ["every 0 iterations"] = ("spec.updates.every_n_iterations", spec => spec.Updates = new UpdateOptions { EveryNIterations = 0 }),
        ["interval negative"] = (
            "spec.updates.min_interval", spec => spec.Updates = new UpdateOptions { MinInterval = new Duration { Seconds = -1 } }),
        ["chain that is not there"] = ("spec.updates.chains[1]", spec => spec.Updates = new UpdateOptions { Chains = { 0, 2 } }),
    };

    public static TheoryData<string> CaseNames => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public async Task A_violation_names_its_field(string name)
    {
        (string field, Action<AlignmentSpec> change) = Cases[name];
        AlignmentSpec spec = Specs.Sea();
        change(spec);

        RpcException unary = await Failures.OfAsync(() => shared.Server.AlignAsync(spec));
        RpcException stream = await Failures.OfAsync(() => shared.Server.StreamAsync(spec));

        Assert.All([unary, stream], failure =>
        {
            Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
            Assert.Equal([field], failure.Violations().Select(violation => violation.Field));
            Assert.Equal("seagrpc", failure.Info().Domain);
            Assert.Contains(field, failure.Status.Detail);
        });
        Assert.Equal(0, shared.Server.Models.Engine.RunningJobs + shared.Server.Models.Engine.QueuedJobs);
    }

    [Fact]
    public async Task All_violations_come_at_once()
    {
        AlignmentSpec spec = Specs.Sea();
        spec.Prompt = Specs.Text(string.Empty);
        spec.Sea.Chains = 10_000;
        spec.Sea.StepSize = double.NaN;
        spec.MaxResponseTokens = -1;

        RpcException failure = await Failures.OfAsync(() => shared.Server.AlignAsync(spec));

        Assert.Equal(
            ["spec.max_response_tokens", "spec.prompt.text", "spec.sea.chains", "spec.sea.step_size"],
            failure.Violations().Select(violation => violation.Field).Order());
        Assert.Equal(("64", "10000"), (failure.Info().Metadata["max"], failure.Info().Metadata["actual"]));
    }

    [Fact]
    public async Task A_request_without_a_spec_is_a_violation()
    {
        RpcException failure = await Failures.OfAsync(async () => await shared.Server.Alignment.AlignAsync(new AlignRequest()));
        Assert.Equal("spec", Assert.Single(failure.Violations()).Field);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_unknown_model_is_not_found(bool isPolicy)
    {
        AlignmentSpec spec = Specs.Sea();
        if (isPolicy)
        {
            spec.PolicyModel = "gpt";
        }
        else
        {
            spec.RewardModel = "gpt";
        }

        RpcException failure = await Failures.OfAsync(() => shared.Server.AlignAsync(spec));

        failure.AssertIs(StatusCode.NotFound, "UNKNOWN_MODEL");
        Assert.Equal("gpt", failure.GetRpcStatus()!.GetDetail<Google.Rpc.ResourceInfo>()!.ResourceName);
    }

    [Fact]
    public async Task The_server_answers_after_all_of_this()
    {
        Assert.NotNull((await shared.Server.AlignAsync(Specs.Sea())).Final);
    }
}
