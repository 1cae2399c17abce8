using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Rewards;

/// <summary>A reward outside the process, as the methods use it.</summary>
public sealed class RemoteRewardTests
{
    /// <summary>Milliseconds after which something is taken not to happen.</summary>
    private const int Patience = 30_000;

    [Fact]
    public void Groups_of_rows_that_are_read_together_are_one_request_and_no_text_is_asked_for_twice()
    {
        var endpoint = new Endpoint();
        using AlignmentModels models = Load(endpoint, new RewardScale(1, 2));
        IReward reward = models.Rewards[0];
        using IRewardState state = reward.Prefill(
            reward.Encode([new ChatMessage("user", "abc")]), models.IsEos, new CostCounter());
        IRewardRows one = state.Grow(2, 4);
        IRewardRows two = state.Grow(1, 4);
        int[] a = models.Prompts.EncodeResponse("a");
        int[] b = models.Prompts.EncodeResponse("b");
        float[][] scores = state.Read(
        [
            new RewardReading(one, [a, b], [true, false], 1),
            new RewardReading(two, [a], [true], 0),
        ]);
        Assert.Equal([new ResponseText("a", true), new ResponseText("b", false)], Assert.Single(endpoint.Asked));
        Assert.Equal([[(Endpoint.Worth("a") - 1) / 2, (Endpoint.Worth("b") - 1) / 2], [(Endpoint.Worth("a") - 1) / 2]], scores);

        // The first rows have grown by their token, the other has not.
        state.Read([new RewardReading(one, [b, b], [true, true], 1), new RewardReading(two, [b], [false], 1)]);
        Assert.Equal([new ResponseText("ab", true), new ResponseText("bb", true)], endpoint.Asked[1]);
    }

    [Fact]
    public void Substitutions_that_the_policy_reads_in_several_passes_are_one_request()
    {
        var endpoint = new Endpoint();
        using AlignmentModels models = Load(endpoint);
        using IAlignmentRun run = models.Start(TaskOf(models, new SeaParameters
        {
            Chains = 1,
            Iterations = 1,
            Proposals = 400,
            ProposalOrder = SeaProposalOrder.Policy,
            MinProbability = 0,
            CombineFlips = false,
        }) with
        { MaxResponseTokens = 24 });
        AlignmentUpdate? update;
        do
        {
            update = run.Advance();
        }
        while (update is not DraftUpdate);
        int before = endpoint.Asked.Count;
        while (!run.IsFinished)
        {
            run.Advance();
        }

        Assert.Equal(1, endpoint.Asked.Count - before);
        Assert.True(endpoint.Asked[^1].Count > 256, $"Only {endpoint.Asked[^1].Count} substitutions fit into one pass.");
    }

    public static TheoryData<MethodParameters> Methods =>
    [
        new BestOfNParameters { SampleCount = 4 },
        new ArgsParameters { Candidates = 3 },
        new ChunkBeamSearchParameters { BeamWidth = 2, ChunkTokens = 2 },
        new EnergySearchParameters { Iterations = 3 },
        new SeaParameters { Chains = 1, Iterations = 2, ProposalOrder = SeaProposalOrder.Policy },
        new BaseParameters(),
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Several_are_asked_at_once(MethodParameters method)
    {
        using var meeting = new Meeting();
        using AlignmentModels models = Load(meeting.Member(), extra: policy => new RemoteReward("other", policy, meeting.Member(), "Test"));
        AlignmentTask task = TaskOf(models, method);
        IAlignmentRun run = models.Start(task with { Draft = models.Prompts.EncodeResponse("ab") });
        while (!run.IsFinished)
        {
            run.Advance();
        }

        run.Dispose();
        Assert.True(meeting.Met > 0);
    }

    [Fact]
    public void Pairs_of_a_score_request_are_asked_of_all_at_once()
    {
        using var meeting = new Meeting();
        using AlignmentModels models = Load(meeting.Member(), extra: policy => new RemoteReward("other", policy, meeting.Member(), "Test"));
        EncodedPrompt[] prompts = [models.Prompts.EncodeText("a"), models.Prompts.EncodeText("b")];
        IReadOnlyList<ScoredResponse> scored =
            models.Score([.. prompts.Select(prompt => (prompt, (IReadOnlyList<int>)models.Prompts.EncodeResponse("c")))], rewardWeight: 1);
        Assert.Equal(2 * Endpoint.Worth("c"), scored[1].Reward, 1e-5);
        Assert.Equal(1, meeting.Met);
    }

    [Fact]
    public void Models_here_compute_while_it_answers()
    {
        ModelReward? model = null;
        long read = 0;
        bool isComputed = true;
        var slow = new Endpoint
        {
            Wait = async _ =>
            {
                long begun = Environment.TickCount64;
                while (model!.Model.Decoder.PositionsRead <= read && Environment.TickCount64 - begun < Patience)
                {
                    await Task.Delay(1, CancellationToken.None);
                }

                isComputed &= model.Model.Decoder.PositionsRead > read;
            },
        };
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WriteReward(folder.File("reward"), 4);
        using AlignmentModels models = Load(
            slow,
            extra: _ => model = new ModelReward(
                "reward", RewardModel.Load(folder.File("reward"), new ModelLoadOptions("cpu", ModelDtype.Float32))));
        using IAlignmentRun run = models.Start(TaskOf(models, new ArgsParameters { Candidates = 3 }));
        while (!run.IsFinished && isComputed)
        {
            read = model!.Model.Decoder.PositionsRead;
            run.Advance();
        }

        Assert.True(isComputed);
        Assert.NotEmpty(slow.Asked);
    }

    [Fact]
    public void A_request_that_nobody_waits_for_any_more_is_stopped()
    {
        CancellationToken asked = default;
        var endpoint = new Endpoint
        {
            Wait = stop =>
            {
                asked = stop;
                return Task.Delay(Timeout.Infinite, stop);
            },
        };
        using AlignmentModels models = Load(endpoint);
        IReward reward = models.Rewards[0];
        IRewardState state = reward.Prefill(reward.Encode([new ChatMessage("user", "abc")]), models.IsEos, new CostCounter());
        state.Announce(() => HardResponses.FromRagged([[97]], models.Prompts.EosId, models.IsEos, _ => true));
        Assert.True(asked.CanBeCanceled && !asked.IsCancellationRequested);
        state.Dispose();
        Assert.True(asked.IsCancellationRequested);
    }

    [Fact]
    public void A_prompt_of_ids_is_sent_as_its_text()
    {
        var endpoint = new Endpoint();
        using AlignmentModels models = Load(endpoint);
        EncodedPrompt prompt = models.Prompts.EncodeIds(models.Prompts.EncodeText("abc").Policy);
        models.Score([(prompt, models.Prompts.EncodeResponse("b"))], rewardWeight: 1);
        Assert.Equal([new ChatMessage("user", "abc")], endpoint.Conversations[0]);
    }

    [Fact]
    public void Pairs_of_several_prompts_that_are_scored_together_are_one_request()
    {
        var endpoint = new Endpoint();
        using AlignmentModels models = Load(endpoint);
        EncodedPrompt[] prompts = [models.Prompts.EncodeText("a"), models.Prompts.EncodeText("b")];
        IReadOnlyList<ScoredResponse> scored = models.Score(
            [.. new[] { (0, "ab"), (1, "c"), (0, "b"), (1, "c") }.Select(
                pair => (prompts[pair.Item1], (IReadOnlyList<int>)models.Prompts.EncodeResponse(pair.Item2)))],
            rewardWeight: 1);
        Assert.Equal(["ab", "b", "c"], Assert.Single(endpoint.Asked).Select(response => response.Text));
        Assert.Equal(new[] { "ab", "c", "b", "c" }.Select(text => (double)Endpoint.Worth(text)), scored.Select(one => one.Reward));
        models.Score([(models.Prompts.EncodeText("a"), models.Prompts.EncodeResponse("b"))], rewardWeight: 1, mixtureWeights: [0]);
        Assert.Single(endpoint.Asked);
    }

    [Fact]
    public void A_reward_with_weight_0_is_neither_asked_nor_needed_for_gradients()
    {
        var endpoint = new Endpoint();
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WriteReward(folder.File("reward"), 4);
        var place = new ModelLoadOptions("cpu", ModelDtype.Float32);
        using AlignmentModels models = Load(
            endpoint, extra: _ => new ModelReward("reward", RewardModel.Load(folder.File("reward"), place)));
        AlignmentTask task = TaskOf(models, SeaParameters.Langevin with { Iterations = 1 });
        Assert.Contains("judge has none", Assert.Throws<ArgumentException>(() => models.Start(task)).Message);
        using IAlignmentRun run = models.Start(task with { MixtureWeights = [0, 1] });
        while (!run.IsFinished)
        {
            run.Advance();
        }

        Assert.Empty(endpoint.Asked);
    }

    private static AlignmentTask TaskOf(AlignmentModels models, MethodParameters method) => new()
    {
        Prompt = models.Prompts.EncodeText("abc"),
        Method = method,
        Seed = 1,
        MaxResponseTokens = 6,
    };

    private static AlignmentModels Load(IRewardEndpoint endpoint, RewardScale? scale = null, Func<PolicyModel, IReward>? extra = null)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), 3);
        PolicyModel policy = PolicyModel.Load(folder.File("policy"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        IReward remote = new RemoteReward("judge", policy, endpoint, "Test", scale);
        return new AlignmentModels(policy, extra is null ? [remote] : [remote, extra(policy)]);
    }

    private sealed class Endpoint : IRewardEndpoint
    {
        public string Address => "nowhere";

        public List<IReadOnlyList<ResponseText>> Asked { get; } = [];

        public List<IReadOnlyList<ChatMessage>> Conversations { get; } = [];

        public Func<CancellationToken, Task> Wait { get; init; } = _ => Task.CompletedTask;

        public static float Worth(string text) => text.Sum(character => character) / 64f;

        public async Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
        {
            Conversations.AddRange(prompts.Select(prompt => prompt.Messages));
            ResponseText[] asked = [.. prompts.SelectMany(prompt => prompt.Responses)];
            Asked.Add(asked);
            await Wait(cancellationToken).ConfigureAwait(false);
            return [.. asked.Select(response => (double)Worth(response.Text))];
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Two endpoints, neither of which answers before the other has been asked, too.</summary>
    private sealed class Meeting : IDisposable
    {
        private readonly Barrier _barrier = new(2);

        public long Met => _barrier.CurrentPhaseNumber;

        public IRewardEndpoint Member() => new Endpoint
        {
            Wait = _ => Task.Run(
                () => Assert.True(_barrier.SignalAndWait(Patience), "The other was not asked."), CancellationToken.None),
        };

        public void Dispose() => _barrier.Dispose();
    }
}
