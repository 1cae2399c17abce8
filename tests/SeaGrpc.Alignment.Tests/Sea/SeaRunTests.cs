using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Modeling;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Sea;

public sealed class SeaRunTests
{
    private static readonly EncodedPrompt Prompt = new(
        [TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant],
        [new RewardPrompt([TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos])]);

    public static TheoryData<MethodParameters> Methods =>
        [
            SeaParameters.Langevin with
            {
                Iterations = 5,
            },
            SeaParameters.Paper with
            {
                Iterations = 5,
            },
            SeaParameters.Langevin with
            {
                Iterations = 5,
                GuidedDecode = true,
                TopK = 20,
                Noise = SeaNoise.Langevin,
            },
            SeaParameters.Langevin with
            {
                Iterations = 3,
                Chains = 1,
                Initialization = SeaInitialization.Random,
                Noise = SeaNoise.Annealed,
            },
            SeaParameters.Langevin with
            {
                Iterations = 3,
                RewardWeight = 0,
            },
            SeaParameters.Langevin with
            {
                Iterations = 3,
                Reference = SeaReference.None,
                Selection = SeaSelection.Reward,
            },
            SeaParameters.Langevin with
            {
                Iterations = 3,
                Reference = SeaReference.Detached,
                Length = SeaLength.Free,
            },
            SeaParameters.Default with
            {
                Iterations = 4,
            },
            SeaParameters.Default with
            {
                Iterations = 4,
                Chains = 4,
                EmbeddingNoise = 0.4,
                FlipTemperature = 2,
                DraftSamples = 9,
                Length = SeaLength.Free,
            },
            SeaParameters.Default with
            {
                Iterations = 4,
                Reference = SeaReference.None,
                Chains = 1,
                CombineFlips = false,
            },
            new BestOfNParameters { SampleCount = 70 },
            new BaseParameters(),
        ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Same_seed_same_result(MethodParameters method)
    {
        using AlignmentModels models = TinyModels.Load(3);
        (List<AlignmentUpdate> first, AlignmentOutcome one) = Run(models, Task(method));
        (List<AlignmentUpdate> second, AlignmentOutcome other) = Run(models, Task(method));
        (_, AlignmentOutcome elsewhere) = Run(models, Task(method) with { Seed = 99 });

        Assert.Equal(one.Response.Tokens, other.Response.Tokens);
        Assert.Equal(one.Response.Energy, other.Response.Energy);
        Assert.Equal(first.Count, second.Count);
        Assert.NotEqual(one.Response.Tokens, elsewhere.Response.Tokens);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void What_is_reported_is_what_scoring_says(MethodParameters method)
    {
        using AlignmentModels models = TinyModels.Load(3);
        (_, AlignmentOutcome outcome) = Run(models, Task(method));
        if (outcome.Response.EndsWithEos)
        {
            ScoredResponse again = models.Score([(Prompt, outcome.Response.Tokens)], method.RewardWeight)[0];
            Assert.Equal(again.Energy, outcome.Response.Energy, 1e-3);
        }

        Assert.Equal(
            Energy.Of(outcome.Response.LogProbability, outcome.Response.Reward, method.RewardWeight), outcome.Response.Energy, 1e-9);
        Assert.DoesNotContain(outcome.Response.Tokens, token => token >= TinyCheckpoint.Bos);
    }

    [Fact]
    public void The_chains_start_at_their_drafts_and_the_callers_draft_starts_the_first()
    {
        using AlignmentModels models = TinyModels.Load(3);
        int[] draft = [65, 66, 67, 68];
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Run(
            models, Task(SeaParameters.Langevin with { Iterations = 2, DraftSamples = 3 }) with { Draft = draft });

        DraftUpdate start = Assert.IsType<DraftUpdate>(updates[0]);
        Assert.Equal(4, start.Chains.Count);
        Assert.Equal(draft, start.Chains[0].Response.Tokens);
        Assert.All(start.Chains, chain => Assert.Equal(0, chain.ChangedTokens));
        Assert.Equal(start.Chains[0].Response, outcome.Draft);
    }

    [Fact]
    public void The_drafts_of_the_lowest_energy_start_the_chains()
    {
        using AlignmentModels models = TinyModels.Load(3);
        int[] draft = [65, 66, 67, 68];
        SeaParameters few = SeaParameters.Default with { Chains = 4, Iterations = 1, DraftSamples = 40 };
        (List<AlignmentUpdate> all, _) = Run(models, Task(few with { Chains = 40 }) with { Draft = draft });
        (List<AlignmentUpdate> best, _) = Run(models, Task(few with { Chains = 3 }) with { Draft = draft });

        IEnumerable<double> lowest = ((DraftUpdate)all[0]).Chains.Skip(1).Select(chain => chain.Response.Energy).Order().Take(2);
        IReadOnlyList<ChainSnapshot> started = ((DraftUpdate)best[0]).Chains;
        Assert.Equal(draft, started[0].Response.Tokens);
        Assert.Equal(lowest.Select(energy => Math.Round(energy, 3)), started.Skip(1).Select(chain => Math.Round(chain.Response.Energy, 3)));
    }

    [Fact]
    public void A_fixed_prefix_stays_under_substitutions()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentTask task = Task(SeaParameters.Default with { Iterations = 10, Chains = 4 }) with { ResponsePrefix = [88, 89, 90] };
        (List<AlignmentUpdate> updates, _) = Run(models, task);
        Assert.All(
            updates.OfType<IterationUpdate>().SelectMany(update => update.Chains), chain =>
                Assert.Equal([88, 89, 90], chain.Response.Tokens.Take(3)));
    }

    [Fact]
    public void By_default_the_answer_is_never_below_the_best_draft_and_keeps_its_length()
    {
        using AlignmentModels models = TinyModels.Load(3);
        for (ulong seed = 0; seed < 5; seed++)
        {
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Run(
                models, Task(SeaParameters.Langevin with { Iterations = 8 }) with { Seed = seed });
            var start = (DraftUpdate)updates[0];
            Assert.True(outcome.Response.Reward >= start.Chains.Max(chain => chain.Response.Reward));
            Assert.True(outcome.Response.Energy <= outcome.Draft.Energy);
            foreach (IterationUpdate update in updates.OfType<IterationUpdate>())
            {
                Assert.All(
                    update.Chains, chain => Assert.Equal(start.Chains[chain.Chain].Response.Tokens.Count, chain.Response.Tokens.Count));
            }
        }
    }

    [Fact]
    public void The_energy_falls()
    {
        using AlignmentModels models = TinyModels.Load(3);
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Run(
            models, Task(SeaParameters.Langevin with { Iterations = 30, EmbeddingNoise = 0, PlateauIterations = 0 }));

        Assert.Equal(30, updates.OfType<IterationUpdate>().Count());
        Assert.True(outcome.Response.Energy < outcome.Draft.Energy - 1, $"{outcome.Draft.Energy} -> {outcome.Response.Energy}");
    }

    [Fact]
    public void A_fixed_prefix_stays_and_an_open_one_may_change()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentTask task = Task(SeaParameters.Langevin with { Iterations = 10, StepSize = 2 }) with { ResponsePrefix = [88, 89, 90] };

        (List<AlignmentUpdate> closed, _) = Run(models, task);
        (List<AlignmentUpdate> open, _) = Run(models, task with { ResponsePrefixOpen = true });

        bool Kept(AlignmentUpdate update) => update is not IterationUpdate iteration
            || iteration.Chains.All(chain => chain.Response.Tokens.Take(3).SequenceEqual([88, 89, 90]));
        Assert.All(closed, update => Assert.True(Kept(update)));
        Assert.Contains(open, update => !Kept(update));
    }

    [Fact]
    public void A_plateau_ends_the_run()
    {
        using AlignmentModels models = TinyModels.Load(3);
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Run(
            models, Task(SeaParameters.Langevin with { Iterations = 500, PlateauIterations = 3, StepSize = 1e-6 }));

        Assert.Equal(StopReason.Converged, outcome.StopReason);
        Assert.Equal(3, updates.OfType<IterationUpdate>().Count());
    }

    [Fact]
    public void It_can_be_completed_at_any_iteration()
    {
        using AlignmentModels models = TinyModels.Load(3);
        using IAlignmentRun run = models.Start(Task(SeaParameters.Langevin));
        while (!run.HasResponse)
        {
            Assert.Throws<InvalidOperationException>(() => run.Complete(StopReason.Cancelled));
            run.Advance();
        }

        run.Advance();
        AlignmentOutcome outcome = run.Complete(StopReason.TimeLimit);
        Assert.Equal(StopReason.TimeLimit, outcome.StopReason);
        Assert.Equal(1, outcome.IterationsRun);
        Assert.False(run.IsFinished);
    }

    [Fact]
    public void Infinite_weights_are_a_numeric_failure_and_not_an_answer()
    {
        using AlignmentModels models = TinyModels.Load(3);
        using (TorchSharp.torch.no_grad())
        {
            models.Reward.Head.Weight.MultiplyInPlace(double.PositiveInfinity);
        }

        using IAlignmentRun run = models.Start(Task(SeaParameters.Langevin));
        Assert.Throws<NumericFailureException>(() =>
        {
            while (!run.IsFinished)
            {
                run.Advance();
            }
        });
    }

    [Fact]
    public void Best_of_n_answers_with_the_highest_reward_of_its_samples()
    {
        using AlignmentModels models = TinyModels.Load(3);
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Run(models, Task(new BestOfNParameters { SampleCount = 130 }));

        IterationUpdate[] batches = [.. updates.OfType<IterationUpdate>()];
        Assert.Equal(3, batches.Length);
        Assert.Equal(batches.SelectMany(batch => batch.Chains).Max(chain => chain.Response.Reward), outcome.Response.Reward);
        Assert.True(outcome.Response.Reward >= outcome.Draft.Reward);
    }

    private static AlignmentTask Task(MethodParameters method) =>
        new() { Prompt = Prompt, Method = method, Seed = 7, MaxResponseTokens = 12 };

    private static (List<AlignmentUpdate> Updates, AlignmentOutcome Outcome) Run(AlignmentModels models, AlignmentTask task)
    {
        using IAlignmentRun run = models.Start(task);
        List<AlignmentUpdate> updates = [];
        while (!run.IsFinished)
        {
            if (run.Advance() is { } update)
            {
                updates.Add(update);
            }
        }

        return (updates, run.Complete(run.FinishReason));
    }
}
