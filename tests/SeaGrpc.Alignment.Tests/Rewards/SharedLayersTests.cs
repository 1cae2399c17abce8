using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Batching;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Rewards;

/// <summary>
/// A reward model with the policy's lowest layers: they are stored once, and the answers are those of two separate models.
/// </summary>
public sealed class SharedLayersTests : IDisposable
{
    private const int Layers = CommonLayers.All;
    private const int Tokens = 12;

    private static readonly EncodedPrompt Prompt = new(
        Runs.Prompt.Policy, [Runs.Prompt.Rewards[0] with { Suffix = [TinyCheckpoint.Eos, 33] }]);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<MethodParameters, int> Methods()
    {
        var data = new TheoryData<MethodParameters, int>();
        foreach (int layers in new[] { 0, 1, Layers })
        {
            data.Add(new EnergySearchParameters(), layers);
            data.Add(new EnergySearchParameters { Cut = EnergySearchCut.Gradient, EnumeratedTokens = 2, ChunkTokens = 4 }, layers);
            data.Add(new BestOfNParameters { SampleCount = 5 }, layers);
            data.Add(new ArgsParameters(), layers);
            data.Add(new ChunkBeamSearchParameters { SamplesPerBeam = 3, ChunkTokens = 3 }, layers);
            data.Add(new SeaParameters { Chains = 2, Iterations = 4 }, layers);
            data.Add(new SeaParameters { Sampler = SeaSampler.Langevin, Chains = 2, Iterations = 3 }, layers);
            data.Add(SeaParameters.Paper with { Chains = 2, Iterations = 3 }, layers);
            data.Add(SeaParameters.Paper with { Chains = 3, Iterations = 3, Reference = SeaReference.Detached }, layers);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Answers_are_those_of_separate_models(MethodParameters method, int layers)
    {
        Write(layers);
        foreach (int[]? draft in new[] { null, new[] { 40, 41, 42, 43, 44, 45, 46 } })
        {
            AlignmentTask task = Runs.Task(method, maxTokens: Tokens) with { Prompt = Prompt, Draft = draft };
            using AlignmentModels separate = Separate();
            using AlignmentModels shared = Load();
            AlignmentOutcome expected = Runs.Run(separate, task).Outcome;
            AlignmentOutcome actual = Runs.Run(shared, task).Outcome;

            AssertSame(expected.Response, actual.Response);
            AssertSame(expected.Draft, actual.Draft);
            Assert.Equal(expected.Cost, actual.Cost);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Layers)]
    public void Common_weights_are_stored_once(int layers)
    {
        Write(layers);
        using AlignmentModels models = Load();
        TransformerDecoder policy = models.Policy.Decoder;
        TransformerDecoder reward = ((ModelReward)models.Rewards[0]).Model.Decoder;
        Tensor[] common = [.. reward.Leaves().Intersect<Tensor>(policy.Leaves(), ReferenceEqualityComparer.Instance)];

        WeightSharing? sharing = models.Rewards[0].Description.Sharing;
        Assert.Equal(layers, sharing?.Layers ?? 0);
        Assert.Equal(sharing?.Bytes ?? 0, common.Sum(leaf => leaf.numel()) * sizeof(float));
        Assert.Equal(layers, policy.Split);
        Assert.Equal(layers > 0, ReferenceEquals(policy.EmbeddingWeight, reward.EmbeddingWeight));
    }

    [Fact]
    public void A_reward_that_is_a_head_on_the_policy_computes_no_layer_of_what_the_policy_has_read()
    {
        Write(Layers);
        using AlignmentModels models = Load();
        using var context = new RunContext(
            models, Runs.Task(new EnergySearchParameters(), maxTokens: Tokens) with { Prompt = Prompt });
        context.Prefill();
        context.Score([([40, 41, 42, 43], true)]);

        // The policy has read all of the answer's tokens, and the reward only its tail.
        Assert.Equal(4, context.Prompt.Loaded.Shared!.Saved);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Layers)]
    public void Jobs_that_run_together_get_the_answers_that_each_gets_alone(int layers)
    {
        Write(layers);
        using AlignmentModels models = Load();
        AlignmentTask[] tasks =
            [.. Enumerable.Range(0, 3).Select(job => Runs.Task(new EnergySearchParameters { Iterations = 4 }, (ulong)job, Tokens) with
            {
                // A run waits for another one that is reading its prompt, so each has its own.
                Prompt = After([TinyCheckpoint.Bos, TinyCheckpoint.User, 72 + job, TinyCheckpoint.Assistant]),
                Draft = job == 1 ? [40, 41, 42, 43] : null,
            })];
        AlignmentOutcome[] alone = [.. tasks.Select(task => Runs.Run(models, task).Outcome)];

        var together = new AlignmentOutcome[tasks.Length];
        using var exchange = new PassExchange(maxTurnTokens: 16);
        JobLane[] lanes = [.. tasks.Select(_ => exchange.Open())];
        for (int job = 0; job < lanes.Length; job++)
        {
            int own = job;
            lanes[job].Begin(() => together[own] = Runs.Run(models, tasks[own]).Outcome);
        }

        while (exchange.HasWaiting)
        {
            exchange.Exchange();
        }

        Array.ForEach(lanes, lane => lane.ThrowIfFailed());
        Assert.All(alone.Zip(together), pair => AssertSame(pair.First.Response, pair.Second.Response));
    }

    [Fact]
    public void A_run_frees_all_its_tensors()
    {
        Write(1);
        using AlignmentModels models = Load();
        AlignmentTask task = Runs.Task(new EnergySearchParameters { Iterations = 4 }, maxTokens: Tokens) with { Prompt = Prompt };
        // The first run leaves tables and buffers that later runs use.
        Runs.Run(models, task);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Runs.Run(models, task);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_reward_that_reads_another_prompt_shares_weights_but_no_passes()
    {
        Write(1);
        using AlignmentModels separate = Separate();
        using AlignmentModels shared = Load();
        AlignmentTask task = Runs.Task(new EnergySearchParameters(), maxTokens: Tokens) with
        {
            Prompt = new EncodedPrompt(Prompt.Policy, [new RewardPrompt([TinyCheckpoint.Bos, 90], [TinyCheckpoint.Eos])]),
        };
        AssertSame(Runs.Run(separate, task).Outcome.Response, Runs.Run(shared, task).Outcome.Response);
    }

    [Fact]
    public void Models_of_other_frequencies_have_nothing_in_common()
    {
        Write(Layers);
        string config = _folder.File("reward/config.json");
        File.WriteAllText(
            config, File.ReadAllText(config).Replace("\"rope_theta\": 10000", "\"rope_theta\": 20000", StringComparison.Ordinal));
        using AlignmentModels models = Load();
        Assert.Null(models.Rewards[0].Description.Sharing);
    }

    public void Dispose() => _folder.Dispose();

    private static EncodedPrompt After(int[] ids) => new(ids, [new RewardPrompt(ids, [TinyCheckpoint.Eos, 33])]);

    private void Write(int layers) => CommonLayers.Write(_folder, layers);

    private AlignmentModels Load() => CommonLayers.Load(_folder);

    private AlignmentModels Separate() => CommonLayers.LoadSeparate(_folder);

    private static void AssertSame(ScoredResponse expected, ScoredResponse actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.LogProbability, actual.LogProbability, 1e-5 * (1 + Math.Abs(expected.LogProbability)));
        Assert.Equal(expected.Reward, actual.Reward, 1e-5 * (1 + Math.Abs(expected.Reward)));
        Assert.Equal(expected.Energy, actual.Energy, 1e-5 * (1 + Math.Abs(expected.Energy)));
    }
}
