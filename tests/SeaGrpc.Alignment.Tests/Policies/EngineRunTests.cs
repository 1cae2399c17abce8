using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Policies.Engines;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Policies;

/// <summary>Methods whose policy is only asked: here a loaded model that answers as an engine does.</summary>
public sealed class EngineRunTests : IDisposable
{
    private const double Cold = 1e-7;

    private readonly TemporaryFolder _folder = new();
    private readonly PolicyModel _elsewhere;
    private readonly AlignmentModels _local;

    public EngineRunTests()
    {
        TinyCheckpoint.WritePolicy(_folder.File("policy"), 1);
        TinyCheckpoint.WriteReward(_folder.File("reward"), 2);
        _elsewhere = PolicyModel.Load(_folder.File("policy"), Options);
        _local = AlignmentModels.Load(_folder.File("policy"), _folder.File("reward"), Options);
    }

    private static ModelLoadOptions Options { get; } = new("cpu", ModelDtype.Float32);

    private static Dictionary<string, MethodParameters> Methods { get; } = new()
    {
        ["base"] = new BaseParameters(),
        ["best_of_n"] = new BestOfNParameters { SampleCount = 70 },
        ["chunk_beam_search"] = new ChunkBeamSearchParameters { BeamWidth = 3, ChunkTokens = 3, SamplesPerBeam = 3 },
        ["args"] = new ArgsParameters(),
        ["energy_search"] = new EnergySearchParameters { Iterations = 6, BudgetTokens = 0 },
        ["energy_search, raw"] = new EnergySearchParameters { Iterations = 3, PrefixScoring = BeamPrefixScoring.Raw },
        ["energy_search, rollouts"] = new EnergySearchParameters
        {
            Iterations = 2,
            PrefixScoring = BeamPrefixScoring.Rollout,
            EnumeratedTokens = 2,
            BeamWidth = 2,
            Candidates = 3,
            RolloutSamples = 2,
        },
        ["energy_search, ends"] = new EnergySearchParameters { Iterations = 4, MinEndProbability = 0.001 },
    };

    public static TheoryData<string> Names => [.. Methods.Keys];

    public void Dispose()
    {
        _local.Dispose();
        _elsewhere.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_have_the_energies_that_the_loaded_policy_gives_them(string name)
    {
        MethodParameters method = Methods[name];
        var engine = new Engine(_elsewhere);
        using AlignmentModels models = Models(engine);
        foreach (AlignmentTask task in new[]
        {
            TaskOf(models, method),
            TaskOf(models, method) with
            {
                Draft = models.Prompts.EncodeResponse("abcde"), ResponsePrefix = models.Prompts.EncodeResponse("ab"),
            },
        })
        {
            if (method is BaseParameters && task.Draft is not null)
            {
                continue;
            }

            AlignmentOutcome outcome = Run(models, task);
            foreach (ScoredResponse response in new[] { outcome.Response, outcome.Draft })
            {
                AssertExact(task, response);
            }

            Assert.True(outcome.Cost.Engine.Read > 0);
            Assert.True(outcome.Cost.PolicyTokens <= outcome.Cost.Engine.Read + outcome.Cost.Engine.Drawn);
        }
    }

    [Fact]
    public void Greedy_searches_find_what_they_find_with_the_loaded_policy()
    {
        // All tokens are told, so that every end is a candidate as with the loaded policy.
        var all = new PolicyAbilities(ReadsRows: true, TinyCheckpoint.VocabularySize);
        using AlignmentModels models = Models(new Engine(_elsewhere) { Abilities = all });
        MethodParameters[] methods =
        [
            new BaseParameters { SamplingTemperature = Cold },
            new BestOfNParameters { SampleCount = 2, SamplingTemperature = Cold },
            new ChunkBeamSearchParameters { BeamWidth = 2, ChunkTokens = 2, SamplesPerBeam = 2, SamplingTemperature = Cold },
            new ArgsParameters { SamplingTemperature = Cold },
            new EnergySearchParameters { Iterations = 1, SamplingTemperature = Cold, Spans = false, Substitutions = false },
        ];
        foreach (MethodParameters method in methods)
        {
            AlignmentOutcome expected = Run(_local, TaskOf(_local, method));
            AlignmentOutcome found = Run(models, TaskOf(models, method));
            Assert.Equal(expected.Response.Tokens, found.Response.Tokens);
            Assert.Equal(expected.Response.Energy, found.Response.Energy, 1e-4);
            Assert.Equal(expected.Response.EndsWithEos, found.Response.EndsWithEos);
            Assert.Equal(expected.IterationsRun, found.IterationsRun);
        }
    }

    [Fact]
    public void The_callers_responses_are_read_and_the_search_starts_from_the_best()
    {
        var engine = new Engine(_elsewhere);
        using AlignmentModels models = Models(engine);
        AlignmentTask task = TaskOf(models, new EnergySearchParameters { Iterations = 1 }) with
        {
            Draft = models.Prompts.EncodeResponse("zyx"),
            Alternatives = [models.Prompts.EncodeResponse("abc"), models.Prompts.EncodeResponse("a")],
        };
        AlignmentOutcome outcome = Run(models, task);
        AssertExact(task, outcome.Response);
        Assert.Equal("zyx", models.Policy.Tokenizer.Decode(outcome.Draft.Tokens));
        IReadOnlyList<ScoredResponse> given = _local.Score(
            [.. task.Alternatives.Append(task.Draft).Select(response => (task.Prompt, response))], task.Method.RewardWeight);
        Assert.True(outcome.Response.Energy <= given.Min(one => one.Energy) + 1e-4);
    }

    [Fact]
    public void Scores_and_surprisals_are_those_of_the_loaded_policy()
    {
        using AlignmentModels models = Models(new Engine(_elsewhere));
        (EncodedPrompt Prompt, IReadOnlyList<int> Response)[] pairs =
        [
            .. new[] { "a", "hello", "" }.Select(text => (
                models.Prompts.EncodeText("abc"), (IReadOnlyList<int>)models.Prompts.EncodeResponse(text))),
        ];
        IReadOnlyList<ScoredResponse> expected = _local.Score(pairs, 2);
        IReadOnlyList<ScoredResponse> told = models.Score(pairs, 2);
        Assert.All(expected.Zip(told), pair => Assert.Equal(pair.First.Energy, pair.Second.Energy, 1e-4));
        Assert.All(
            _local.Surprisal(pairs[1].Prompt, pairs[1].Response, true).Zip(models.Surprisal(pairs[1].Prompt, pairs[1].Response, true)),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void Rows_of_a_turn_are_one_batch()
    {
        var engine = new Engine(_elsewhere);
        using AlignmentModels models = Models(engine);
        Run(models, TaskOf(models, new BestOfNParameters { SampleCount = 20 }));
        Assert.Equal([20], engine.Batches);
        engine.Batches.Clear();
        Run(models, TaskOf(models, new EnergySearchParameters { Iterations = 1, BeamWidth = 4, EnumeratedTokens = 3, ChunkTokens = 2 }));
        // The draft, the first token, then every beam; every batch at once.
        Assert.Equal((1, 1), (engine.Batches[0], engine.Batches[1]));
        Assert.All(engine.Batches.Skip(2), rows => Assert.InRange(rows, 1, 4));
    }

    [Fact]
    public void Rewards_are_asked_while_the_engine_reads()
    {
        PolicyModel policy = PolicyModel.Elsewhere(_folder.File("policy"));
        var engine = new Engine(_elsewhere);
        var judge = new Judge();
        using AlignmentModels models =
            AlignmentModels.Load(() => policy, own => [new RemoteReward("judge", own, judge, "test")], engine);
        (EncodedPrompt Prompt, IReadOnlyList<int> Response) pair =
            (models.Prompts.EncodeText("abc"), models.Prompts.EncodeResponse("hello"));
        double expected = _local.Score([pair with { Prompt = _local.Prompts.EncodeText("abc") }], 2)[0].LogProbability;
        engine.BeforeReading = judge.NextScores();
        Assert.Equal(expected, models.Score([pair], 2)[0].LogProbability, 1e-4);

        engine.BeforeReading = judge.NextScores();
        AlignmentTask task = TaskOf(models, new EnergySearchParameters { Iterations = 1, BudgetTokens = 0 }) with { Draft = pair.Response };
        Assert.Equal(expected, Run(models, task).Draft.LogProbability, 1e-4);
    }

    [Fact]
    public void Pairs_of_several_prompts_are_read_at_the_same_time()
    {
        var both = new TaskCompletionSource();
        var engine = new Engine(_elsewhere) { BeforeReading = both.Task };
        using AlignmentModels models = Models(engine);
        engine.OnBatch = batches =>
        {
            if (batches == 2)
            {
                both.TrySetResult();
            }
        };
        (EncodedPrompt Prompt, IReadOnlyList<int> Response)[] pairs =
        [
            .. new[] { "abc", "xyz" }.Select(prompt =>
                (models.Prompts.EncodeText(prompt), (IReadOnlyList<int>)models.Prompts.EncodeResponse("hello"))),
        ];
        IReadOnlyList<ScoredResponse> expected = _local.Score(pairs, 2);
        Assert.All(expected.Zip(models.Score(pairs, 2)), pair => Assert.Equal(pair.First.Energy, pair.Second.Energy, 1e-4));
    }

    [Fact]
    public void What_an_engine_cannot_tell_is_refused_with_the_reason()
    {
        using AlignmentModels models = Models(new Engine(_elsewhere));
        (MethodParameters Method, string Reason)[] refused =
        [
            (SeaParameters.Default with { Sampler = SeaSampler.Langevin }, "needs the policy's gradient"),
            (SeaParameters.Default, "needs the policy's whole distribution"),
            (new EnergySearchParameters { Acceptance = EnergySearchAcceptance.Metropolis }, "ENERGY_SEARCH_ACCEPTANCE_METROPOLIS"),
            (new EnergySearchParameters { Cut = EnergySearchCut.Entropy }, "set cut to"),
            (new EnergySearchParameters { ReferenceTemperature = 0.7 }, "set reference_temperature to 1"),
        ];
        foreach ((MethodParameters method, string reason) in refused)
        {
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => models.Start(TaskOf(models, method))).Message);
        }
    }

    [Fact]
    public void An_engine_that_reads_nothing_searches_without_a_draft_and_is_refused_with_one()
    {
        var engine = new Engine(_elsewhere) { Abilities = new PolicyAbilities(ReadsRows: false, 20) };
        using AlignmentModels models = Models(engine);
        AlignmentTask task = TaskOf(models, new EnergySearchParameters { Iterations = 4, BudgetTokens = 0 });
        AssertExact(task, Run(models, task).Response);
        Assert.Contains(
            "log-probabilities of given tokens",
            Assert.Throws<ArgumentException>(() => models.Start(task with { Draft = [65] })).Message);
    }

    [Fact]
    public void An_engine_that_fails_ends_the_run_and_what_it_had_found_before_stays_right()
    {
        var engine = new Engine(_elsewhere) { FailsFrom = 4 };
        using AlignmentModels models = Models(engine);
        AlignmentTask task = TaskOf(models, new EnergySearchParameters { Iterations = 6 });
        using IAlignmentRun run = models.Start(task);
        PolicyFailedException failure = Assert.Throws<PolicyFailedException>(() =>
        {
            while (!run.IsFinished)
            {
                run.Advance();
            }
        });
        Assert.Contains("The policy's engine at nowhere went away.", failure.Message);
        AssertExact(task, run.Complete(StopReason.TimeLimit).Response);
    }

    [Fact]
    public void Illegal_tokens_are_neither_drawn_nor_candidates()
    {
        var engine = new Engine(_elsewhere);
        using AlignmentModels models = Models(engine);
        Run(models, TaskOf(models, new BestOfNParameters { SampleCount = 4 }));
        IReadOnlyList<int> illegal = Assert.IsType<EngineReference>(models.Reference).IllegalIds;
        Assert.Contains(illegal, models.Policy.Tokenizer.IsSpecial);
        Assert.DoesNotContain(models.Prompts.EosId, illegal);
        Assert.Equal(illegal, engine.Forbidden);
    }

    private static AlignmentOutcome Run(AlignmentModels models, AlignmentTask task)
    {
        using IAlignmentRun run = models.Start(task);
        while (!run.IsFinished)
        {
            run.Advance();
        }

        return run.Complete(run.FinishReason);
    }

    private static AlignmentTask TaskOf(AlignmentModels models, MethodParameters method) => new()
    {
        Prompt = models.Prompts.EncodeText("abc"),
        Method = method,
        Seed = 3,
        MaxResponseTokens = 12,
    };

    private AlignmentModels Models(Engine engine)
    {
        PolicyModel policy = PolicyModel.Elsewhere(_folder.File("policy"));
        Assert.False(policy.IsLoaded);
        return AlignmentModels.Load(
            () => policy, own => [ModelRewards.Load(() => RewardModel.Load(_folder.File("reward"), Options), own)], engine);
    }

    // A response that has not ended is scored without its EOS, which Score would add.
    private void AssertExact(AlignmentTask task, ScoredResponse response)
    {
        int[] ids = [.. response.Tokens, .. response.EndsWithEos ? [_local.Prompts.EosId] : Array.Empty<int>()];
        double logProbability = -TokensOf(task, ids).Sum(own => (double)own);
        Assert.Equal(logProbability, response.LogProbability, 1e-4);
        ScoredResponse scored = _local.Score([(task.Prompt, response.Tokens)], task.Method.RewardWeight)[0];
        Assert.Equal(scored.Reward, response.Reward, 1e-4);
        Assert.Equal(Energy.Of(logProbability, scored.Reward, task.Method.RewardWeight), response.Energy, 1e-4);
    }

    private IReadOnlyList<float> TokensOf(AlignmentTask task, int[] ids) =>
        ids.Length == 0 ? [] : _local.Surprisal(task.Prompt, ids, ended: false);

    private sealed class Engine(PolicyModel model) : IPolicy
    {
        private readonly LocalPolicy _policy = new(model);
        private int _calls;

        public string Address => "nowhere";

        public PolicyAbilities Abilities { get; init; } = new(ReadsRows: true, 20);

        public int FailsFrom { get; init; } = int.MaxValue;

        public List<int> Batches { get; } = [];

        public IReadOnlyList<int> Forbidden { get; private set; } = [];

        public Task BeforeReading { get; set; } = Task.CompletedTask;

        public Action<int> OnBatch { get; set; } = _ => { };

        public Task<PolicyAnswer<DrawnTokens>> ContinueAsync(
            IReadOnlyList<RowToContinue> rows, TokenDrawing drawing, CancellationToken cancellationToken)
        {
            Note(rows.Count);
            Forbidden = drawing.Forbidden.Count > 0 ? drawing.Forbidden : Forbidden;
            return _policy.ContinueAsync(rows, drawing, cancellationToken);
        }

        public async Task<PolicyAnswer<ReadTokens>> ReadAsync(
            IReadOnlyList<RowToRead> rows, int alternatives, CancellationToken cancellationToken)
        {
            Assert.True(Abilities.ReadsRows);
            Note(rows.Count);
            PolicyAnswer<ReadTokens> answer = await _policy.ReadAsync(rows, alternatives, cancellationToken);
            await BeforeReading.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
            return answer;
        }

        public void Dispose() => _policy.Dispose();

        private void Note(int rows)
        {
            Batches.Add(rows);
            OnBatch(Batches.Count);
            if (++_calls >= FailsFrom)
            {
                throw new PolicyFailedException(Address, "went away.");
            }
        }
    }

    private sealed class Judge : IRewardEndpoint
    {
        private TaskCompletionSource _scored = new();

        public string Address => "elsewhere";

        public Task NextScores() => (_scored = new TaskCompletionSource()).Task;

        public Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
        {
            _scored.TrySetResult();
            return Task.FromResult<IReadOnlyList<double>>(
                [.. prompts.SelectMany(prompt => prompt.Responses.Select(response => (double)response.Text.Length))]);
        }

        public void Dispose()
        {
        }
    }
}
