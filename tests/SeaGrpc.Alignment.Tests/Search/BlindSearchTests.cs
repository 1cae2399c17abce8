using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>An energy search whose reward says nothing of prefixes.</summary>
public sealed class BlindSearchTests
{
    private const int Length = 12;
    private const int Beginnings = 7;

    /// <summary>A short answer is worth nothing; of a whole one its last token decides.</summary>
    private static readonly Func<IReadOnlyList<int>, double> Exact = answer => answer.Count == Length && answer[^1] % 32 == 7 ? 1 : 0;

    private static readonly EnergySearchParameters Method = new() { RewardWeight = 1000, BudgetTokens = 1500, SamplingTemperature = 1 };

    [Fact]
    public void It_samples_whole_answers_and_reads_no_prefix_beyond_the_drafts_own()
    {
        (AlignmentModels models, TextReward reward) = TextReward.Load(Exact);
        using (models)
        {
            AlignmentOutcome outcome = Runs.Run(models, Runs.Task(Method with { PlateauIterations = 0 }, maxTokens: Length)).Outcome;
            // The first candidates of a search would have one token.
            Assert.All(reward.Read.Skip(1 + Beginnings).Take(8), answer => Assert.True(answer.Count > 1));
            IReadOnlyList<int>[] whole = [.. reward.Read.Where(answer => answer.Count == Length)];
            // Those that begin alike are not read twice there.
            Assert.InRange(whole.Length, 60, 1.2 * Method.BudgetTokens / Length);
            Assert.Equal(1, outcome.Response.Reward);
            double lowest = models.Score([.. whole.Select(answer => (Runs.Prompt, answer))], Method.RewardWeight)
                .Where(scored => scored.Reward == 1)
                .Max(scored => scored.LogProbability);
            Assert.Equal(lowest, models.Score([(Runs.Prompt, outcome.Response.Tokens)], 0)[0].LogProbability, 1e-3);
            Assert.InRange(outcome.Cost.PolicyTokens + outcome.Cost.RewardTokens, 0, Method.BudgetTokens * 1.1);
        }
    }

    [Fact]
    public void It_does_not_lose_to_as_many_tokens_of_best_of_n()
    {
        (AlignmentModels models, _) = TextReward.Load(Exact);
        using (models)
        {
            EnergySearchParameters method = Method with { BudgetTokens = 400, PlateauIterations = 0 };
            (int own, int other, long spent, long budget) = (0, 0, 0, 0);
            foreach (ulong seed in Enumerable.Range(1, 16).Select(value => (ulong)value))
            {
                AlignmentOutcome search = Runs.Run(models, Runs.Task(method, seed, Length)).Outcome;
                AlignmentOutcome best = Runs.Run(models, Runs.Task(new BestOfNParameters { SampleCount = 35 }, seed, Length)).Outcome;
                own += (int)search.Response.Reward;
                other += (int)best.Response.Reward;
                spent += search.Cost.PolicyTokens;
                budget += best.Cost.PolicyTokens;
            }

            Assert.InRange(spent, 0.85 * budget, 1.05 * budget);
            Assert.InRange(own, other - 3, 16);
        }
    }

    /// <summary>The length alone decides: a draft's beginnings differ, next tokens never do.</summary>
    [Fact]
    public void A_search_whose_candidates_never_differ_is_given_up()
    {
        (AlignmentModels models, TextReward reward) = TextReward.Load(answer => answer.Count >= 5 ? 1 : 0);
        using (models)
        {
            AlignmentTask task = Runs.Task(Method with { BudgetTokens = 1000 }, maxTokens: Length);
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task);
            // In the third step most groups have one reward.
            Assert.Equal([1, 2], updates.OfType<ProgressUpdate>().Select(update => update.Leading.Tokens.Count));
            Assert.Contains(reward.Read, answer => answer.Count == 3);
            Assert.InRange(outcome.IterationsRun, 3, 30);
            double[] energies = [.. updates.OfType<IterationUpdate>().Select(update => update.Best.Energy)];
            Assert.Equal(energies.OrderDescending(), energies);
        }
    }

    [Fact]
    public void It_ends_once_as_many_samples_again_have_brought_nothing_twice()
    {
        (AlignmentModels models, _) = TextReward.Load(_ => 0);
        using (models)
        {
            AlignmentOutcome outcome = Runs.Run(
                models, Runs.Task(Method with { BudgetTokens = 0, Iterations = 1000, PlateauIterations = 2 }, maxTokens: Length)).Outcome;
            Assert.Equal(StopReason.Converged, outcome.StopReason);
            Assert.Equal(outcome.Iteration + 2, outcome.IterationsRun);
        }
    }

    [Fact]
    public void A_callers_draft_is_edited_before_samples_are_drawn()
    {
        (AlignmentModels models, TextReward reward) = TextReward.Load(Exact);
        using (models)
        {
            AlignmentTask task = Runs.Task(Method, maxTokens: Length) with { Draft = [40, 41, 41, 42, 43, 44, 45, 46] };
            Runs.Run(models, task);
            Assert.InRange(reward.Read[1].Count, 4, Length - 1);
            Assert.Contains(reward.Read, answer => answer.Count == Length);
        }
    }

    /// <summary>What says nothing of prefixes says something of their completions.</summary>
    [Fact]
    public void Where_rollouts_score_prefixes_it_searches()
    {
        (AlignmentModels models, TextReward reward) = TextReward.Load(Exact);
        using (models)
        {
            EnergySearchParameters rollouts = Method with
            {
                PrefixScoring = BeamPrefixScoring.Rollout,
                RolloutSamples = 2,
                BeamWidth = 2,
                Candidates = 3,
                EnumeratedTokens = 2,
                Iterations = 1,
            };
            Runs.Run(models, Runs.Task(rollouts, maxTokens: Length));
            Assert.Contains(reward.Read.Skip(1 + Beginnings), answer => answer.Count == 1);
        }
    }

    /// <summary>Every token tells: prefixes lead, and substitutions are those that the policy proposes.</summary>
    [Fact]
    public void Without_a_gradient_it_searches_like_with_one_where_prefixes_tell()
    {
        (AlignmentModels models, TextReward reward) = TextReward.Load(answer => answer.Count(token => token % 8 == 3) / 4.0);
        using (models)
        {
            EnergySearchParameters method = Method with { RewardWeight = 8, BudgetTokens = 0, Iterations = 12, PlateauIterations = 0 };
            AlignmentOutcome outcome = Runs.Run(models, Runs.Task(method, maxTokens: Length)).Outcome;
            Assert.Contains(reward.Read.Skip(1 + Beginnings), answer => answer.Count == 1);
            Assert.InRange(outcome.Response.Energy, double.NegativeInfinity, outcome.Draft.Energy - 1);
            Assert.Equal(0, outcome.Cost.BackwardPasses);
        }
    }

    public static TheoryData<MethodParameters> WithGradients =>
    [
        SeaParameters.Default,
        SeaParameters.Langevin,
        SeaParameters.Default with { ProposalOrder = SeaProposalOrder.Gradient },
        Method with { Cut = EnergySearchCut.Gradient },
    ];

    [Theory]
    [MemberData(nameof(WithGradients))]
    public void What_needs_a_gradient_is_refused_where_there_is_none(MethodParameters method)
    {
        (AlignmentModels models, _) = TextReward.Load(Exact);
        using (models)
        {
            var error = Assert.Throws<ArgumentException>(() => models.Start(Runs.Task(method)));
            Assert.Contains("text has none", error.Message, StringComparison.Ordinal);
            Runs.Run(models, Runs.Task(SeaParameters.Default with { ProposalOrder = SeaProposalOrder.Policy }));
        }
    }
}
