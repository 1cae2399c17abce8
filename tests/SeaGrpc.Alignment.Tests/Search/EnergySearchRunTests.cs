using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Search;

public sealed class EnergySearchRunTests
{
    private static readonly EnergySearchParameters Small = new()
    {
        BeamWidth = 3,
        Candidates = 6,
        EnumeratedTokens = 2,
        ChunkTokens = 3,
        SamplesPerBeam = 2,
        Iterations = 4,
        PlateauIterations = 0,
        PruneMargin = 1000,
    };

    public static TheoryData<EnergySearchParameters> Methods =>
    [
        Small,
        Small with { EnumeratedTokens = 0, RewriteEnumeratedTokens = 0 },
        Small with { EnumeratedTokens = 100, Candidates = 3 },
        Small with { PruneMargin = 0, ReferenceTemperature = 0.7 },
        Small with { PrefixScoring = BeamPrefixScoring.Raw },
        Small with { PrefixScoring = BeamPrefixScoring.Rollout, RolloutSamples = 2, Candidates = 3, RewriteCandidates = 3 },
        Small with { RankBy = SearchRanking.Reward },
        Small with { TopK = 0, SamplingTemperature = 1.5, Rewrites = 1, ReferenceTemperature = 2 },
        Small with { Cut = EnergySearchCut.Entropy },
        Small with { Cut = EnergySearchCut.Spread, Substitutions = false },
        Small with { Cut = EnergySearchCut.Gradient, Spans = false },
        Small with { Cut = EnergySearchCut.Random, Acceptance = EnergySearchAcceptance.Temperature, AcceptanceTemperature = 5 },
        Small with { Acceptance = EnergySearchAcceptance.Metropolis, Iterations = 12 },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Same_seed_same_result(EnergySearchParameters method)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentOutcome one = Runs.Run(models, Runs.Task(method)).Outcome;
        AlignmentOutcome other = Runs.Run(models, Runs.Task(method)).Outcome;
        Assert.Equal(one.Response.Tokens, other.Response.Tokens);
        Assert.Equal(one.Response.Energy, other.Response.Energy);
        Assert.Equal(one.Cost, other.Cost);
    }

    /// <summary>A short draft, and a policy that ends soon: taking its tokens away would lower the energy.</summary>
    [Fact]
    public void Edits_leave_at_least_one_token()
    {
        foreach (ulong seed in Enumerable.Range(1, 8).Select(value => (ulong)value))
        {
            using AlignmentModels models = Runs.LoadWithEos(seed);
            EnergySearchParameters method = Small with { RewardWeight = 0, BudgetTokens = 0, Iterations = 6 };
            AlignmentTask task = Runs.Task(method, seed) with { Draft = [40, 41] };
            Assert.NotEmpty(Runs.Run(models, task).Outcome.Response.Tokens);
        }
    }

    /// <summary>A policy that hardly ever ends, and a reward that asks for nothing: by energies alone the shortest response wins.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    [InlineData(0.2)]
    public void Responses_end_where_the_policy_expects_it(double floor)
    {
        double least = 1;
        foreach (ulong seed in Enumerable.Range(1, 4).Select(value => (ulong)value))
        {
            using AlignmentModels models = Runs.LoadWithEos(seed);
            EnergySearchParameters method = Small with
            {
                RewardWeight = 0.1,
                EnumeratedTokens = 100,
                RewriteEnumeratedTokens = 100,
                Candidates = 3,
                MinEndProbability = floor,
            };
            AlignmentTask task = Runs.Task(method, seed) with { Draft = [.. Enumerable.Range(40, 12)] };
            ScoredResponse response = Runs.Run(models, task).Outcome.Response;
            if (response.EndsWithEos)
            {
                least = Math.Min(least, EndProbability(models, response.Tokens));
            }
        }

        Assert.Equal(floor == 0, least < 0.01);
        Assert.True(least >= floor);
    }

    /// <summary>Energies are those of one pass over the whole response, whatever the search has read them in.</summary>
    [Theory]
    [MemberData(nameof(Methods))]
    public void Its_figures_are_what_scoring_says(EnergySearchParameters method)
    {
        foreach (int seed in Enumerable.Range(1, 4))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            AlignmentTask task = Runs.Task(method, (ulong)seed) with { ResponsePrefix = [88] };
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task);
            ScoredResponse[] told =
            [
                .. updates.OfType<IterationUpdate>().SelectMany(update => update.Chains).Select(chain => chain.Response),
                outcome.Response,
            ];
            IReadOnlyList<ScoredResponse> scored = models.Score(
                [.. told.Select(response => (Runs.Prompt, response.Tokens))], 8, referenceTemperature: method.ReferenceTemperature);
            foreach ((ScoredResponse response, ScoredResponse again) in told.Zip(scored))
            {
                Assert.Equal(88, response.Tokens[0]);
                Assert.DoesNotContain(response.Tokens, token => token >= TinyCheckpoint.Bos);
                Assert.Equal(again.Reward, response.Reward, 1e-3);
                if (response.EndsWithEos)
                {
                    Assert.Equal(again.LogProbability, response.LogProbability, 1e-3);
                    Assert.Equal(again.Energy, response.Energy, 1e-2);
                }
                else
                {
                    Assert.Equal(task.MaxResponseTokens, response.Tokens.Count);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void An_answer_is_there_from_the_first_event_on_and_its_energy_never_rises(EnergySearchParameters method)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        using IAlignmentRun run = models.Start(Runs.Task(method));
        double energy = double.PositiveInfinity;
        while (!run.IsFinished)
        {
            AlignmentUpdate? update = run.Advance();
            if (update is DraftUpdate draft)
            {
                energy = draft.Best.Energy;
            }

            Assert.Equal(!double.IsPositiveInfinity(energy), run.HasResponse);
            if (run.HasResponse)
            {
                double now = run.Complete(StopReason.TimeLimit).Response.Energy;
                Assert.InRange(now, double.NegativeInfinity, energy);
                energy = now;
            }
        }
    }

    [Fact]
    public void While_it_searches_it_tells_the_best_response_and_the_leading_prefix()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, Runs.Task(Small with { Iterations = 1 }));
        Assert.IsType<DraftUpdate>(updates[0]);
        Assert.IsType<IterationUpdate>(updates[^1]);
        ProgressUpdate[] told = [.. updates.OfType<ProgressUpdate>()];
        Assert.Equal(updates.Count - 2, told.Length);
        Assert.Single(told[0].Leading.Tokens);
        Assert.Equal(told.Select(update => update.Leading.Tokens.Count).Order(), told.Select(update => update.Leading.Tokens.Count));
        Assert.Equal(told.Select(update => update.Best.Energy).OrderDescending(), told.Select(update => update.Best.Energy));
        Assert.Equal(1, outcome.IterationsRun);
    }

    /// <summary>A reward is asked once for each candidate, whichever moves come to it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_candidate_is_read_twice_for_its_reward(ulong seed)
    {
        (AlignmentModels models, TextReward reward) = TextReward.Load(answer => answer.Count(token => token % 8 == 3) / 4.0, seed);
        using (models)
        {
            EnergySearchParameters method = Small with
            {
                EnumeratedTokens = 100,
                RewriteEnumeratedTokens = 100,
                RewardWeight = 4,
                Iterations = 12,
                BudgetTokens = 0,
            };
            Runs.Run(models, Runs.Task(method, seed));
            string[] read = [.. reward.Read.Select(answer => string.Join(',', answer))];
            Assert.True(read.Length > 200);
            Assert.Equal([], read.GroupBy(answer => answer).Where(group => group.Count() > 1).Select(group => group.Key));
        }
    }

    /// <summary>Where beams and candidates are as many as there are prefixes, the lowest energy of all responses is found.</summary>
    [Fact]
    public void Unbounded_it_finds_the_lowest_energy_of_all()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        const int MaxTokens = 2;
        EnergySearchParameters all = Small with
        {
            BeamWidth = 1000,
            Candidates = 1000,
            EnumeratedTokens = MaxTokens,
            Iterations = 1,
            RewardWeight = 40,
            BudgetTokens = 0,
        };
        AlignmentOutcome outcome = Runs.Run(models, Runs.Task(all, maxTokens: MaxTokens)).Outcome;

        int[] legal = [.. Enumerable.Range(0, TinyCheckpoint.Bos)];
        IReadOnlyList<int>[] ending = [[], .. legal.Select(token => (IReadOnlyList<int>)[token])];
        double lowest = models.Score([.. ending.Select(tokens => (Runs.Prompt, tokens))], 40).Min(response => response.Energy);
        Assert.InRange(outcome.Response.Energy, double.NegativeInfinity, lowest + 1e-3);
    }

    /// <summary>A move that is not expected to fit is not begun; expectations may be a little too low.</summary>
    [Theory]
    [InlineData(1000)]
    [InlineData(3000)]
    [InlineData(6000)]
    public void The_budget_is_kept_to(int budget)
    {
        foreach (int seed in Enumerable.Range(1, 4))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            EnergySearchParameters method = Small with
            {
                Iterations = 1000,
                BudgetTokens = budget,
                Widenings = 4,
                PlateauIterations = 2,
                Restarts = 5,
            };
            AlignmentCost cost = Runs.Run(models, Runs.Task(method, (ulong)seed)).Outcome.Cost;
            Assert.InRange(cost.PolicyTokens + cost.RewardTokens, 0, budget * 1.1);
        }
    }

    [Fact]
    public void The_first_iteration_is_made_whatever_the_budget()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentOutcome outcome = Runs.Run(models, Runs.Task(Small with { BudgetTokens = 1 })).Outcome;
        Assert.Equal(1, outcome.IterationsRun);
        Assert.Equal(StopReason.Iterations, outcome.StopReason);
    }

    [Fact]
    public void Once_nothing_else_helps_it_searches_again_with_more_beams()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        EnergySearchParameters method = Small with { Iterations = 1000, PlateauIterations = 2, BudgetTokens = 0, Widenings = 0 };
        AlignmentOutcome narrow = Runs.Run(models, Runs.Task(method)).Outcome;
        AlignmentOutcome wide = Runs.Run(models, Runs.Task(method with { Widenings = 3 })).Outcome;
        Assert.InRange(wide.Response.Energy, double.NegativeInfinity, narrow.Response.Energy);
        Assert.InRange(wide.IterationsRun, narrow.IterationsRun + 3, 999);
    }

    /// <summary>Up to its plateau it is the search that starts once; then every start begins with a sample.</summary>
    [Fact]
    public void Once_nothing_helps_it_starts_over_and_answers_with_the_lowest_energy_of_all()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        EnergySearchParameters method = Small with { Iterations = 1000, PlateauIterations = 2, BudgetTokens = 0, Widenings = 0 };
        (List<AlignmentUpdate> onceUpdates, AlignmentOutcome one) = Runs.Run(models, Runs.Task(method));
        (List<AlignmentUpdate> moreUpdates, AlignmentOutcome several) = Runs.Run(models, Runs.Task(method with { Restarts = 3 }));
        IterationUpdate[] once = [.. onceUpdates.OfType<IterationUpdate>()];
        IterationUpdate[] more = [.. moreUpdates.OfType<IterationUpdate>()];

        Assert.Equal(StopReason.Converged, several.StopReason);
        Assert.Equal(
            once.Select(update => update.Chains[0].Response.Energy),
            more.Take(once.Length).Select(update => update.Chains[0].Response.Energy));
        Assert.InRange(more.Length, once.Length + 3, 999);
        double[] best = [.. more.Select(update => update.Best.Energy)];
        Assert.Equal(best.OrderDescending(), best);
        Assert.Equal(best[^1], several.Response.Energy);
        Assert.InRange(several.Response.Energy, more.Min(update => update.Chains[0].Response.Energy) - 1e-9, one.Response.Energy);
    }

    [Fact]
    public void It_starts_over_only_where_the_budget_has_room_for_another_start()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        EnergySearchParameters method = Small with { Iterations = 1000, PlateauIterations = 2, BudgetTokens = 0, Widenings = 0 };
        AlignmentOutcome one = Runs.Run(models, Runs.Task(method)).Outcome;
        int spent = (int)(one.Cost.PolicyTokens + one.Cost.RewardTokens);
        AlignmentOutcome small = Runs.Run(models, Runs.Task(method with { Restarts = 3, BudgetTokens = (2 * spent) - 1 })).Outcome;
        AlignmentOutcome large = Runs.Run(models, Runs.Task(method with { Restarts = 3, BudgetTokens = 2 * spent })).Outcome;

        Assert.Equal(one.IterationsRun, small.IterationsRun);
        Assert.Equal(StopReason.Iterations, small.StopReason);
        Assert.InRange(large.IterationsRun, one.IterationsRun + 1, 999);
    }

    [Fact]
    public void A_prefix_that_fills_the_limit_is_the_answer()
    {
        using AlignmentModels models = TinyModels.Load(3);
        int[] prefix = [65, 66, 67];
        AlignmentOutcome outcome = Runs.Run(models, Runs.Task(Small, maxTokens: prefix.Length) with { ResponsePrefix = prefix }).Outcome;
        Assert.Equal(prefix, outcome.Response.Tokens);
        Assert.False(outcome.Response.EndsWithEos);
        Assert.Equal(0, outcome.IterationsRun);
    }

    [Fact]
    public void It_stops_when_rewrites_no_longer_help()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentOutcome outcome = Runs.Run(
            models, Runs.Task(Small with { Iterations = 1000, PlateauIterations = 3, BudgetTokens = 0 })).Outcome;
        Assert.Equal(StopReason.Converged, outcome.StopReason);
        Assert.InRange(outcome.IterationsRun, outcome.Iteration + 3, 999);
    }

    /// <summary>log pi_ref at a temperature is that of the logits divided by it.</summary>
    [Fact]
    public void The_reference_has_a_temperature_of_its_own()
    {
        using AlignmentModels models = TinyModels.Load(3);
        int[] response = [65, 66, 67];
        const double Temperature = 0.6;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = models.Policy.Decoder;
        long[] ids = [.. Runs.Prompt.Policy.Concat(response).Select(id => (long)id)];
        Tensor logits = decoder.Logits(decoder.Forward(decoder.Embed(tensor(ids).unsqueeze(0))))[0]
            .narrow(0, Runs.Prompt.Policy.Count - 1, response.Length + 1);
        Tensor own = nn.functional.log_softmax(logits.div(tensor(Temperature)), -1);
        double expected = Enumerable.Range(0, response.Length + 1)
            .Sum(position => (double)own[position, position < response.Length ? response[position] : TinyCheckpoint.Eos].item<float>());
        Assert.Equal(expected, models.Score([(Runs.Prompt, response)], 8, referenceTemperature: Temperature)[0].LogProbability, 1e-4);
    }

    private static double EndProbability(AlignmentModels models, IReadOnlyList<int> response)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder policy = models.Policy.Decoder;
        long[] ids = [.. Runs.Prompt.Policy.Concat(response).Select(id => (long)id)];
        Tensor logits = policy.Logits(policy.Forward(policy.Embed(tensor(ids).unsqueeze(0))).narrow(1, ids.Length - 1, 1));
        return nn.functional.softmax(logits.flatten(), 0)[TinyCheckpoint.Eos].item<float>();
    }
}
