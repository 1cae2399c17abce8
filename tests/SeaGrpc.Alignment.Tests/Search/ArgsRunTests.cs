using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.Tests.Oracle;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Search;

[Trait("tier", "slow")]
public sealed class ArgsRunTests
{
    public static TheoryData<ArgsParameters, int[]> Cases => new()
    {
        { new ArgsParameters { SampleDraft = false }, [] },
        { new ArgsParameters { SampleDraft = false, Candidates = 3, GuidanceWeight = 4 }, [] },
        { new ArgsParameters { SampleDraft = false, GuidanceWeight = 2 }, [88, 89, 90] },
        { new ArgsParameters { SampleDraft = false, PrefixScoring = ArgsPrefixScoring.Raw, GuidanceWeight = 2 }, [] },
        { new ArgsParameters { SampleDraft = false, PrefixScoring = ArgsPrefixScoring.Raw, Candidates = 20 }, [88] },
        { new ArgsParameters { SampleDraft = false, Candidates = 1 }, [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_chooses_what_reading_everything_anew_chooses(ArgsParameters method, int[] prefix)
    {
        foreach (int seed in Enumerable.Range(1, 4))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            AlignmentTask task = Runs.Task(method) with { ResponsePrefix = prefix };
            (List<int> tokens, List<double> rewards) = new PlainArgs(models, task, method).Respond();

            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task);

            IterationUpdate[] steps = [.. updates.OfType<IterationUpdate>()];
            Assert.Equal(tokens.Where(token => token != TinyCheckpoint.Eos), outcome.Response.Tokens);
            Assert.Equal(tokens[^1] == TinyCheckpoint.Eos, outcome.Response.EndsWithEos);
            Assert.Equal(rewards.Count, steps.Length);
            Assert.All(steps, (step, index) => Assert.Equal(rewards[index], step.Chains[0].Response.Reward, 1e-3));
        }
    }

    [Fact]
    public void More_candidates_than_there_are_tokens_are_all_of_them()
    {
        using AlignmentModels models = TinyModels.Load(3);
        int[] Tokens(int candidates) =>
            [
                .. Runs.Run(
                    models,
                    Runs.Task(
                        new ArgsParameters
                        {
                            SampleDraft = false,
                            Candidates = candidates,
                            GuidanceWeight = 3,
                        }
                    )
                ).Outcome.Response.Tokens,
            ];

        // 256 bytes and EOS; no other special token may stand in a response.
        Assert.Equal(Tokens(257), Tokens(100_000));
        Assert.NotEqual(Tokens(257), Tokens(3));
    }

    [Fact]
    public void It_stops_at_its_end_of_sequence_token_and_else_at_the_limit()
    {
        HashSet<bool> ends = [];
        foreach (int seed in Enumerable.Range(1, 12))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(
                models, Runs.Task(new ArgsParameters { SampleDraft = false, Candidates = 40, GuidanceWeight = 3 }));
            Assert.Equal(outcome.Response.EndsWithEos ? outcome.Response.Tokens.Count + 1 : 12, updates.OfType<IterationUpdate>().Count());
            Assert.Equal(updates.OfType<IterationUpdate>().Count(), outcome.IterationsRun);
            ends.Add(outcome.Response.EndsWithEos);
        }

        Assert.Equal([false, true], ends.Order());
    }

    [Fact]
    public void Its_figures_are_what_scoring_says()
    {
        foreach (int seed in Enumerable.Range(1, 6))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(
                models, Runs.Task(new ArgsParameters { Candidates = 40, GuidanceWeight = 3 }) with { ResponsePrefix = [88, 89] });
            foreach (ScoredResponse response in updates.OfType<IterationUpdate>()
                .Select(step => step.Chains[0].Response)
                .Append(outcome.Response))
            {
                ScoredResponse again = models.Score([(Runs.Prompt, response.Tokens)], 8)[0];
                Assert.Equal(again.Reward, response.Reward, 1e-3);
                Assert.Equal([88, 89], response.Tokens.Take(2));
                if (response.EndsWithEos)
                {
                    Assert.Equal(again.LogProbability, response.LogProbability, 1e-3);
                }
            }
        }
    }

    [Fact]
    public void A_larger_weight_gives_a_higher_reward_and_none_the_likeliest_tokens()
    {
        using AlignmentModels models = TinyModels.Load(3);
        double Reward(double weight) =>
            Runs.Run(models, Runs.Task(new ArgsParameters { GuidanceWeight = weight, SampleDraft = false })).Outcome.Response.Reward;

        Assert.True(Reward(5) > Reward(0), $"{Reward(5)} over {Reward(0)}");
        int[] unguided =
            [.. Runs.Run(models, Runs.Task(new ArgsParameters { GuidanceWeight = 0, SampleDraft = false })).Outcome.Response.Tokens];
        int[] alone = [.. Runs.Run(models, Runs.Task(new ArgsParameters { Candidates = 1, SampleDraft = false })).Outcome.Response.Tokens];
        Assert.Equal(alone, unguided);
    }

    [Fact]
    public void Drawing_follows_the_seed_and_a_low_temperature_is_greedy()
    {
        using AlignmentModels models = TinyModels.Load(3);
        int[] Tokens(ArgsParameters method, ulong seed) =>
            [.. Runs.Run(models, Runs.Task(method with { SampleDraft = false }, seed)).Outcome.Response.Tokens];

        var drawn = new ArgsParameters { Greedy = false };
        Assert.Equal(Tokens(drawn, 1), Tokens(drawn, 1));
        Assert.NotEqual(Tokens(drawn, 1), Tokens(drawn, 2));
        Assert.Equal(Tokens(new ArgsParameters(), 1), Tokens(drawn with { Temperature = 1e-5 }, 3));
    }

    [Fact]
    public void A_sampled_draft_comes_first_and_competes()
    {
        using AlignmentModels models = TinyModels.Load(3);
        for (ulong seed = 0; seed < 10; seed++)
        {
            // No guidance: the search's own answer is often the worse one.
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(
                models, Runs.Task(new ArgsParameters { GuidanceWeight = 0 }, seed));
            var draft = Assert.IsType<DraftUpdate>(updates[0]);
            ScoredResponse found = updates.OfType<IterationUpdate>().Last().Chains[0].Response;
            Assert.Equal(Math.Max(draft.Best.Reward, found.Reward), outcome.Response.Reward);
            Assert.Equal(draft.Best, outcome.Draft);
        }
    }

    [Fact]
    public void The_callers_draft_competes_and_without_any_the_search_answers_alone()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentOutcome alone = Runs.Run(models, Runs.Task(new ArgsParameters { SampleDraft = false })).Outcome;
        IReadOnlyList<int> better = Enumerable.Range(0, 40).Select(seed => new[] { 65 + seed, 66, 67 })
            .MaxBy(tokens => models.Score([(Runs.Prompt, tokens)], 8)[0].Reward)!;
        Assert.True(models.Score([(Runs.Prompt, better)], 8)[0].Reward > alone.Response.Reward);

        AlignmentOutcome compared = Runs.Run(models, Runs.Task(new ArgsParameters { SampleDraft = false }) with { Draft = better }).Outcome;

        Assert.Equal(better, compared.Response.Tokens);
        Assert.Equal(0, compared.Iteration);
        Assert.Empty(alone.Draft.Tokens);
        Assert.NotEmpty(alone.Response.Tokens);
    }

    [Fact]
    public void It_can_be_completed_at_any_token()
    {
        using AlignmentModels models = TinyModels.Load(3);
        using IAlignmentRun run = models.Start(Runs.Task(new ArgsParameters { SampleDraft = false }));
        while (!run.HasResponse)
        {
            Assert.Throws<InvalidOperationException>(() => run.Complete(StopReason.Cancelled));
            run.Advance();
        }

        run.Advance();
        run.Advance();
        AlignmentOutcome outcome = run.Complete(StopReason.TimeLimit);
        Assert.Equal((StopReason.TimeLimit, 2, 2), (outcome.StopReason, outcome.IterationsRun, outcome.Response.Tokens.Count));
        Assert.False(run.IsFinished);
    }

    [Fact]
    public void A_step_costs_one_token_and_the_suffix_of_every_candidate()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentCost Cost(int tokens) => Runs.Run(
            models, Runs.Task(new ArgsParameters { SampleDraft = false, Candidates = 5 }, maxTokens: tokens)).Outcome.Cost;

        (AlignmentCost few, AlignmentCost more) = (Cost(4), Cost(9));
        Assert.Equal(5 * 5 * (1 + Runs.Prompt.Rewards[0].Suffix.Count), more.RewardTokens - few.RewardTokens);
        Assert.Equal(5, more.PolicyTokens - few.PolicyTokens);
        Assert.Equal((10, 0), (more.ForwardPasses - few.ForwardPasses, more.BackwardPasses));
    }
}
