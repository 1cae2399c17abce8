using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Rewards.Texts;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Rewards.Texts;

/// <summary>Every method with a reward model of another vocabulary.</summary>
public sealed class TextRewardMethodTests : IDisposable
{
    private readonly TextPair _pair = new();

    public static TheoryData<string> Methods =>
    [
        "best_of_n", "args", "args, raw", "chunk_beam_search", "chunk_beam_search, rollouts", "energy_search",
        "energy_search, cut by the gradient", "sea", "sea, free length",
    ];

    public void Dispose() => _pair.Dispose();

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_answers_reward_is_that_of_its_text(string name)
    {
        (_, AlignmentOutcome outcome) = Search.Runs.Run(_pair.Models, Task(Method(name)));
        Assert.Equal(_pair.Score(outcome.Response.Tokens), outcome.Response.Reward, 1e-4);
        Assert.Equal(_pair.Score(outcome.Draft.Tokens), outcome.Draft.Reward, 1e-4);
        Assert.True(outcome.Cost.RewardTokens > _pair.RewardPrompt.Prefix.Count);
    }

    [Fact]
    public void Langevin_is_refused_and_the_message_says_what_to_use()
    {
        AlignmentTask task = Task(SeaParameters.Langevin);
        var refusal = Assert.Throws<ArgumentException>(() => _pair.Models.Start(task));
        Assert.Contains("another vocabulary", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("SEA_SAMPLER_GRADIENT_FLIPS", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _pair.Models.Start(task with { Method = SeaParameters.Paper }));
        using IAlignmentRun run = _pair.Models.Start(task with { MixtureWeights = [0] });
    }

    [Fact]
    public void It_is_weighted_beside_a_reward_that_reads_ids()
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), 3);
        TinyCheckpoint.WriteReward(folder.File("ids"), 5);
        OtherVocabulary.WriteReward(folder.File("text"), 4);
        var options = new ModelLoadOptions("cpu", ModelDtype.Float32);
        using AlignmentModels models = AlignmentModels.Load(
            () => PolicyModel.Load(folder.File("policy"), options),
            policy =>
            [
                ModelRewards.Load(() => RewardModel.Load(folder.File("ids"), options), policy, "ids"),
                ModelRewards.Load(() => RewardModel.Load(folder.File("text"), options), policy, "text"),
            ]);
        Assert.IsType<ModelReward>(models.Rewards[0]);
        Assert.IsType<TextModelReward>(models.Rewards[1]);
        Assert.True(models.HasRewardGradient);
        Assert.Equal([true, false], models.Rewards.Select(reward => reward.HasExactGradient));

        EncodedPrompt prompt = models.Prompts.EncodeChat(TextPair.Conversation);
        int[] answer = models.Policy.Tokenizer.Encode("Die Straße");
        double Reward(double ids, double text, IReadOnlyList<int>? of = null) =>
            models.Score([(prompt, of ?? answer)], 1, [ids, text])[0].Reward;
        Assert.Equal(_pair.Score(answer), Reward(0, 1), 1e-5);
        Assert.Equal((2 * Reward(1, 0)) - (0.5 * _pair.Score(answer)), Reward(2, -0.5), 1e-4);

        AlignmentTask task = Task(Method("energy_search")) with { Prompt = prompt, MixtureWeights = [1, 0.5] };
        ScoredResponse found = Search.Runs.Run(models, task).Outcome.Response;
        Assert.Equal(Reward(1, 0.5, found.Tokens), found.Reward, 1e-4);
    }

    [Fact]
    public void A_response_may_hold_ids_that_the_reward_model_has_no_row_for()
    {
        using var folder = new TemporaryFolder();
        TinyCheckpoint.WritePolicy(folder.File("policy"), 3, new TinyShape(AddedTokens: 900));
        OtherVocabulary.WriteReward(folder.File("reward"), 4);
        using AlignmentModels models = AlignmentModels.Load(
            folder.File("policy"), folder.File("reward"), new ModelLoadOptions("cpu", ModelDtype.Float32));
        int last = models.Policy.Decoder.Config.VocabularySize - 1;
        Assert.Equal(last + 1, models.SharedRows);
        Assert.Equal(0, models.LegalTokens.data<float>()[last]);
        Assert.True(double.IsFinite(models.Score([(models.Prompts.EncodeChat(TextPair.Conversation), [last])], 1)[0].Reward));
    }

    [Fact]
    public void Ids_as_a_prompt_are_read_as_their_text()
    {
        using var pair = new TextPair(template: "");
        EncodedPrompt prompt = pair.Models.Prompts.EncodeIds(pair.Models.Policy.Tokenizer.Encode("the answer"));
        Assert.Equal(pair.Reward.Tokenizer.Encode("the answer"), prompt.Rewards[0].Prefix);
    }

    [Fact]
    public void Memory_counts_what_the_reward_model_reads()
    {
        AlignmentTask task = Task(Method("best_of_n"));
        long shorter = _pair.Models.MemoryOf(task).Total;
        Assert.InRange(_pair.Models.MemoryOf(task with { MaxResponseTokens = 200 }).Total, shorter + 1, long.MaxValue);
        int[] answer = _pair.Models.Policy.Tokenizer.Encode(OtherVocabulary.Texts[4]);
        Assert.InRange(_pair.Models.MemoryOf([(_pair.Prompt, answer)], 1).Total, 1, long.MaxValue);
    }

    private static MethodParameters Method(string name) => name switch
    {
        "best_of_n" => new BestOfNParameters { SampleCount = 6 },
        "args" => new ArgsParameters { Candidates = 4 },
        "args, raw" => new ArgsParameters { Candidates = 4, PrefixScoring = ArgsPrefixScoring.Raw },
        "chunk_beam_search" => new ChunkBeamSearchParameters { BeamWidth = 3, SamplesPerBeam = 2, ChunkTokens = 3 },
        "chunk_beam_search, rollouts" => new ChunkBeamSearchParameters
        {
            BeamWidth = 2,
            SamplesPerBeam = 2,
            ChunkTokens = 4,
            PrefixScoring = BeamPrefixScoring.Rollout,
        },
        "energy_search" => new EnergySearchParameters { Iterations = 12, BudgetTokens = 0 },
        "energy_search, cut by the gradient" => new EnergySearchParameters { Iterations = 6, Cut = EnergySearchCut.Gradient },
        "sea" => new SeaParameters { Iterations = 6, Chains = 2, Proposals = 8 },
        _ => new SeaParameters { Iterations = 5, Chains = 2, Proposals = 8, Length = SeaLength.Free, EmbeddingNoise = 0.5 },
    };

    private AlignmentTask Task(MethodParameters method) =>
        new() { Prompt = _pair.Prompt, Method = method, Seed = 7, MaxResponseTokens = 14 };
}
