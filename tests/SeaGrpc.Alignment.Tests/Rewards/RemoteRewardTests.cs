using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Rewards;

/// <summary>A reward outside the process, as the methods use it.</summary>
public sealed class RemoteRewardTests
{
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
            endpoint, extra: new ModelReward("reward", RewardModel.Load(folder.File("reward"), place)));
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

    private static AlignmentModels Load(Endpoint endpoint, RewardScale? scale = null, IReward? extra = null)
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), 3);
        PolicyModel policy = PolicyModel.Load(folder.File("policy"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        IReward remote = new RemoteReward("judge", policy, endpoint, "Test", scale);
        return new AlignmentModels(policy, extra is null ? [remote] : [remote, extra]);
    }

    private sealed class Endpoint : IRewardEndpoint
    {
        public string Address => "nowhere";

        public List<IReadOnlyList<ResponseText>> Asked { get; } = [];

        public List<IReadOnlyList<ChatMessage>> Conversations { get; } = [];

        public static float Worth(string text) => text.Sum(character => character) / 64f;

        public Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
        {
            Conversations.AddRange(prompts.Select(prompt => prompt.Messages));
            Asked.Add([.. prompts.SelectMany(prompt => prompt.Responses)]);
            return Task.FromResult<IReadOnlyList<double>>([.. Asked[^1].Select(response => (double)Worth(response.Text))]);
        }

        public void Dispose()
        {
        }
    }
}
