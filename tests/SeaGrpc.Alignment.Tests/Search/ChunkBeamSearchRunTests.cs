using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Alignment.Tests.Oracle;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Search;

[Trait("tier", "slow")]
public sealed class ChunkBeamSearchRunTests
{
    private static readonly ChunkBeamSearchParameters Small =
        new() { BeamWidth = 2, SamplesPerBeam = 3, ChunkTokens = 3, SampleDraft = false };

    public static TheoryData<ChunkBeamSearchParameters> Methods =>
    [
        Small,
        Small with { PrefixScoring = BeamPrefixScoring.Raw },
        Small with { PrefixScoring = BeamPrefixScoring.Rollout, Rollouts = 2 },
        Small with { PrefixScoring = BeamPrefixScoring.Rollout, RolloutRanking = RolloutRanking.Max, TopK = 0 },
        Small with { BeamWidth = 9, SamplesPerBeam = 9, ChunkTokens = 5 },
        Small with { SampleDraft = true },
    ];

    [Theory]
    [InlineData(1, BeamPrefixScoring.EosAppended)]
    [InlineData(5, BeamPrefixScoring.Raw)]
    [InlineData(64, BeamPrefixScoring.Rollout)]
    [InlineData(150, BeamPrefixScoring.EosAppended)]
    public void One_beam_and_one_chunk_is_best_of_n(int samples, BeamPrefixScoring scoring)
    {
        foreach (int seed in Enumerable.Range(1, 5))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            var beam = new ChunkBeamSearchParameters
            {
                BeamWidth = 1,
                SamplesPerBeam = samples,
                ChunkTokens = int.MaxValue,
                SamplingTemperature = 1,
                TopK = 0,
                PrefixScoring = scoring,
            };
            foreach (int[] prefix in new int[][] { [], [88, 89] })
            {
                AlignmentTask task = Runs.Task(new BestOfNParameters { SampleCount = samples }, (ulong)seed) with
                {
                    ResponsePrefix = prefix,
                };
                AlignmentOutcome best = Runs.Run(models, task).Outcome;
                (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task with { Method = beam });

                Assert.Equal(best.Response.Tokens, outcome.Response.Tokens);
                Assert.Equal(best.Response.EndsWithEos, outcome.Response.EndsWithEos);
                Assert.Equal(best.Response.Energy, outcome.Response.Energy, 1e-3);
                Assert.Equal(best.Draft.Tokens, outcome.Draft.Tokens);
                Assert.Equal(best.Chain, outcome.Chain);
                Assert.Equal(2, updates.Count);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Same_seed_same_result(ChunkBeamSearchParameters method)
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentOutcome one = Runs.Run(models, Runs.Task(method)).Outcome;
        AlignmentOutcome other = Runs.Run(models, Runs.Task(method)).Outcome;

        Assert.Equal(one.Response.Tokens, other.Response.Tokens);
        Assert.Equal(one.Response.Energy, other.Response.Energy);
        Assert.NotEqual(one.Response.Tokens, Runs.Run(models, Runs.Task(method, seed: 99)).Outcome.Response.Tokens);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Its_figures_are_what_scoring_says(ChunkBeamSearchParameters method)
    {
        foreach (int seed in Enumerable.Range(1, 4))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            AlignmentTask task = Runs.Task(method, (ulong)seed) with { ResponsePrefix = [88] };
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, task);
            foreach (ScoredResponse response in updates.OfType<IterationUpdate>()
                .SelectMany(update => update.Chains)
                .Select(chain => chain.Response)
                .Append(outcome.Response))
            {
                bool whole = response.EndsWithEos || response.Tokens.Count == task.MaxResponseTokens;
                ScoredResponse again = models.Score([(Runs.Prompt, response.Tokens)], 8)[0];
                Assert.Equal(88, response.Tokens[0]);
                Assert.DoesNotContain(response.Tokens, token => token >= TinyCheckpoint.Bos);
                if (whole || method.PrefixScoring == BeamPrefixScoring.EosAppended)
                {
                    Assert.Equal(again.Reward, response.Reward, 1e-3);
                }
                else if (method.PrefixScoring == BeamPrefixScoring.Raw)
                {
                    Assert.Equal(RewardAtLastToken(models, response.Tokens), response.Reward, 1e-3);
                }

                if (response.EndsWithEos)
                {
                    Assert.Equal(again.LogProbability, response.LogProbability, 1e-3);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Beams_grow_by_chunks_the_best_first(ChunkBeamSearchParameters method)
    {
        foreach (int seed in Enumerable.Range(1, 6))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(models, Runs.Task(method, (ulong)seed));
            IterationUpdate[] chunks = [.. updates.OfType<IterationUpdate>()];
            Assert.IsType<DraftUpdate>(updates[0]);
            Assert.Equal(Enumerable.Range(1, chunks.Length), chunks.Select(update => update.Index));
            foreach (IterationUpdate update in chunks)
            {
                Assert.InRange(update.Index, 1, update.Total);
                Assert.InRange(update.Chains.Count, 1, method.BeamWidth);
                double[] rewards = [.. update.Chains.Select(chain => chain.Response.Reward)];
                Assert.Equal(rewards.OrderDescending(), rewards);
                Assert.All(update.Chains, chain => Assert.True(
                    chain.Response.EndsWithEos || chain.Response.Tokens.Count == Math.Min(12, update.Index * method.ChunkTokens)));
            }

            Assert.All(chunks[^1].Chains, chain => Assert.True(chain.Response.EndsWithEos || chain.Response.Tokens.Count == 12));
            Assert.True(outcome.Response.Reward >= chunks[^1].Chains[0].Response.Reward);
            Assert.Equal(chunks[^1].Best, outcome.Response);
        }
    }

    [Fact]
    public void A_beam_that_ended_competes_on_but_only_once()
    {
        int survived = 0;
        foreach (int seed in Enumerable.Range(1, 6))
        {
            using AlignmentModels models = Runs.LoadWithEos((ulong)seed);
            IterationUpdate[] chunks =
                [.. Runs.Run(models, Runs.Task(Small with { BeamWidth = 6, SamplesPerBeam = 6 })).Updates.OfType<IterationUpdate>()];
            foreach ((IterationUpdate before, IterationUpdate after) in chunks.Zip(chunks.Skip(1)))
            {
                foreach (ChainSnapshot ended in before.Chains.Where(chain => chain.Response.EndsWithEos))
                {
                    int copies = after.Chains.Count(chain => ReferenceEquals(chain.Response, ended.Response));
                    Assert.InRange(copies, 0, 1);
                    survived += copies;
                }
            }
        }

        Assert.True(survived > 0);
    }

    [Fact]
    public void Each_chunk_goes_on_from_a_survivor_of_the_last()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        (List<AlignmentUpdate> updates, _) = Runs.Run(models, Runs.Task(Small with { BeamWidth = 10, SamplesPerBeam = 10 }));
        IterationUpdate[] chunks = [.. updates.OfType<IterationUpdate>()];
        foreach ((IterationUpdate before, IterationUpdate after) in chunks.Zip(chunks.Skip(1)))
        {
            Assert.All(after.Chains, chain => Assert.Contains(
                before.Chains, parent => chain.Response.Tokens.Take(parent.Response.Tokens.Count).SequenceEqual(parent.Response.Tokens)));
        }
    }

    [Fact]
    public void Wider_beams_find_higher_rewards()
    {
        using AlignmentModels models = TinyModels.Load(3);
        double Mean(int width) => Enumerable.Range(0, 8).Average(seed =>
            Runs.Run(models, Runs.Task(Small with { BeamWidth = width, SamplesPerBeam = width }, (ulong)seed)).Outcome.Response.Reward);

        Assert.True(Mean(8) > Mean(1));
    }

    [Fact]
    public void Completions_answer_even_where_their_candidates_do_not_survive()
    {
        using AlignmentModels models = TinyModels.Load(3);
        bool better = false;
        for (ulong seed = 0; seed < 8; seed++)
        {
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(
                models, Runs.Task(Small with { PrefixScoring = BeamPrefixScoring.Rollout, Rollouts = 8 }, seed));
            better |= outcome.Response.Reward > updates.OfType<IterationUpdate>().Last().Chains[0].Response.Reward;
        }

        Assert.True(better);
    }

    [Fact]
    public void The_ranking_of_rollouts_is_their_mean_or_their_maximum()
    {
        using AlignmentModels models = TinyModels.Load(3);
        double First(RolloutRanking ranking, int rollouts) => Runs.Run(models, Runs.Task(
            Small with { PrefixScoring = BeamPrefixScoring.Rollout, Rollouts = rollouts, RolloutRanking = ranking })).Updates
            .OfType<IterationUpdate>().First().Chains[0].Response.Reward;

        Assert.Equal(First(RolloutRanking.Mean, 1), First(RolloutRanking.Max, 1));
        Assert.True(First(RolloutRanking.Max, 8) > First(RolloutRanking.Mean, 8));
    }

    [Fact]
    public void Drafts_compete_unless_there_is_none()
    {
        using AlignmentModels models = TinyModels.Load(3);
        for (ulong seed = 0; seed < 6; seed++)
        {
            (List<AlignmentUpdate> updates, AlignmentOutcome outcome) = Runs.Run(
                models, Runs.Task(Small with { BeamWidth = 1, SamplesPerBeam = 1, SampleDraft = true }, seed));
            Assert.Equal(
                Math.Max(outcome.Draft.Reward, updates.OfType<IterationUpdate>().Last().Chains[0].Response.Reward),
                outcome.Response.Reward);
        }

        AlignmentOutcome given = Runs.Run(models, Runs.Task(Small) with { Draft = [65, 66] }).Outcome;
        Assert.Equal([65, 66], given.Draft.Tokens);
        Assert.True(given.Response.Reward >= given.Draft.Reward);
        Assert.Empty(Runs.Run(models, Runs.Task(Small)).Outcome.Draft.Tokens);
    }

    [Fact]
    public void It_can_be_completed_at_any_moment()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentTask task = Runs.Task(Small with { PrefixScoring = BeamPrefixScoring.Rollout });
        int length = 0;
        using (IAlignmentRun whole = models.Start(task))
        {
            for (; !whole.IsFinished; length++)
            {
                whole.Advance();
            }
        }

        for (int steps = 0; steps < length; steps++)
        {
            using IAlignmentRun run = models.Start(task);
            for (int step = 0; step < steps; step++)
            {
                run.Advance();
            }

            if (run.HasResponse)
            {
                Assert.Equal(StopReason.Cancelled, run.Complete(StopReason.Cancelled).StopReason);
            }
            else
            {
                Assert.Throws<InvalidOperationException>(() => run.Complete(StopReason.Cancelled));
            }
        }
    }

    [Fact]
    public void A_chunk_costs_its_new_tokens()
    {
        using AlignmentModels models = TinyModels.Load(3);
        AlignmentCost Cost(int tokens) => Runs.Run(models, Runs.Task(Small, maxTokens: tokens)).Outcome.Cost;

        (AlignmentCost two, AlignmentCost three) = (Cost(6), Cost(9));
        Assert.Equal(6 * (3 + Runs.Prompt.Rewards[0].Suffix.Count), three.RewardTokens - two.RewardTokens);
        // The last tokens of the two beams are read once; those of the six chunks are read but for the last.
        Assert.Equal(2 + (6 * 2), three.PolicyTokens - two.PolicyTokens);
    }

    private static double RewardAtLastToken(AlignmentModels models, IReadOnlyList<int> tokens)
    {
        using var scope = NewDisposeScope();
        var decoder = new PlainDecoder(models.Reward.Decoder, ScalarType.Float32);
        long[] ids = [.. Runs.Prompt.Rewards[0].Prefix.Concat(tokens).Select(id => (long)id)];
        Tensor hidden = decoder.Forward(decoder.Embedding.index_select(0, tensor(ids)).unsqueeze(0))[0][ids.Length - 1];
        return matmul(models.Reward.Head.Weight, hidden).item<float>();
    }
}
