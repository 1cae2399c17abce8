using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>The search beneath the runs: what it keeps, and what its figures are.</summary>
public sealed class PrefixSearchTests : IDisposable
{
    private static readonly SearchShape Shape = new()
    {
        BeamWidth = 2,
        Candidates = 5,
        EnumeratedTokens = 3,
        ChunkTokens = 2,
        SamplesPerBeam = 3,
    };

    private readonly AlignmentModels _models = Runs.LoadWithEos();
    private readonly List<double[]> _seen = [];
    private RunContext? _context;

    private RunContext Context => _context ??= Prefilled(8);

    [Fact]
    public void The_energy_of_a_beam_is_that_of_reading_it_whole()
    {
        using PrefixSearch search = Search(Shape with { PruneMargin = 1000 });
        int steps = 0;
        while (!search.IsFinished)
        {
            search.Advance();
            foreach (Survivor survivor in search.Continuations[0].Survivors)
            {
                ScoredResponse whole = Context.Score([([.. survivor.Response.Tokens], false)])[0].Response;
                Assert.Equal(whole.Energy, survivor.Response.Energy, 1e-2);
                Assert.Equal(whole.LogProbability, survivor.Response.LogProbability, 1e-3);
            }

            Assert.InRange(search.Continuations[0].Survivors.Count, 0, Shape.BeamWidth);
            steps = search.Steps;
        }

        Assert.InRange(steps, Shape.EnumeratedTokens, Context.Task.MaxResponseTokens);
    }

    [Fact]
    public void The_best_of_all_candidates_go_on()
    {
        using PrefixSearch search = Search(Shape with { Candidates = 1000, BeamWidth = 3 });
        search.Advance();
        IEnumerable<int> best = Enumerable.Range(0, TinyCheckpoint.Bos)
            .Select(token => Context.Score([([token], false)])[0].Response)
            .OrderBy(response => response.Energy)
            .Take(3)
            .Select(response => response.Tokens[0]);
        Assert.Equal(best, search.Continuations[0].Survivors.Select(survivor => survivor.Response.Tokens[0]));
        Assert.Equal(search.Continuations[0].Survivors[0].Response, search.Leading);
    }

    [Fact]
    public void As_many_candidates_are_read_of_every_beam_as_it_may_have()
    {
        using PrefixSearch search = Search(Shape);
        while (!search.IsFinished)
        {
            search.Advance();
        }

        Assert.Equal(Shape.Candidates, _seen[0].Length);
        Assert.All(_seen.Take(Shape.EnumeratedTokens), read => Assert.InRange(read.Length, 1, Shape.BeamWidth * Shape.Candidates));
        Assert.All(
            _seen.Skip(Shape.EnumeratedTokens), read => Assert.InRange(read.Length, 1, Shape.BeamWidth * Shape.SamplesPerBeam));
    }

    [Fact]
    public void A_chunk_of_the_start_is_sampled_as_often_as_all_beams_chunks_are()
    {
        using PrefixSearch search = Search(Shape with { EnumeratedTokens = 0 });
        while (search.Steps == 0)
        {
            search.Advance();
        }

        Assert.Equal(Shape.BeamWidth * Shape.SamplesPerBeam, _seen[0].Length);
        Assert.Equal(Shape.ChunkTokens, search.Continuations[0].Depth);
    }

    /// <summary>By the models' own count of the positions that their passes read, which is what the method is charged for too.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void No_position_is_read_twice(int beams)
    {
        using PrefixSearch search = Search(Shape with { BeamWidth = beams, PruneMargin = 1000 });
        TransformerDecoder policy = _models.Policy.Decoder;
        TransformerDecoder reward = ((ModelReward)_models.Rewards[0]).Model.Decoder;
        int suffix = Context.Task.Prompt.Rewards[0].Suffix.Count;
        AlignmentCost start = Context.Cost.Cost;
        (long Policy, long Reward) first = (policy.PositionsRead, reward.PositionsRead);
        (long Policy, long Reward) expected = (0, 0);
        while (!search.IsFinished)
        {
            int depth = search.Continuations[0].Depth;
            int going = search.Continuations[0].Survivors.Count(survivor => !survivor.IsWhole);
            search.Advance();
            if (depth < Shape.EnumeratedTokens && _seen.Count > depth)
            {
                // The policy reads each beam's last token, the reward each candidate's only new one, and what its template ends with.
                expected = (expected.Policy + going, expected.Reward + (_seen[depth].Length * (1L + suffix)));
                Assert.Equal(expected, (policy.PositionsRead - first.Policy, reward.PositionsRead - first.Reward));
            }
        }

        Assert.NotEqual((0, 0), expected);
        AlignmentCost cost = Context.Cost.Cost;
        Assert.Equal(policy.PositionsRead - first.Policy, cost.PolicyTokens - start.PolicyTokens);
        Assert.Equal(reward.PositionsRead - first.Reward, cost.RewardTokens - start.RewardTokens);
    }

    [Fact]
    public void A_prefix_far_above_the_best_response_is_dropped()
    {
        using PrefixSearch search = Search(Shape with { PruneMargin = 0 }, bound: -1000);
        search.Advance();
        Assert.True(search.IsFinished);
        Assert.Null(search.Best);

        using PrefixSearch wide = Search(Shape with { PruneMargin = 10_000 }, bound: -1000);
        wide.Advance();
        Assert.Equal(Shape.BeamWidth, wide.Continuations[0].Survivors.Count);
    }

    [Fact]
    public void Where_a_beam_has_been_read_its_end_is_a_response_at_no_further_cost()
    {
        using PrefixSearch search = Search(Shape);
        search.Advance();
        ScoredResponse[] prefixes = [.. search.Continuations[0].Survivors.Select(survivor => survivor.Response)];
        Assert.Null(search.Best);
        search.Advance();
        ScoredResponse best = search.Best!;
        Assert.True(best.EndsWithEos);
        Assert.Contains(prefixes, prefix => prefix.Tokens.SequenceEqual(best.Tokens));
        ScoredResponse whole = Context.Score([([.. best.Tokens], true)])[0].Response;
        Assert.Equal(whole.Energy, best.Energy, 1e-2);
    }

    [Fact]
    public void The_likeliest_token_alone_is_drawn_where_only_one_may_be()
    {
        using PrefixSearch search = Search(Shape with { EnumeratedTokens = 0, TopK = 1 });
        while (search.Steps == 0)
        {
            search.Advance();
        }

        // Equal prefixes take one place.
        Assert.Single(search.Continuations[0].Survivors);
        Assert.Single(_seen[0].Select(energy => Math.Round(energy, 4)).Distinct());
    }

    public void Dispose()
    {
        _context?.Dispose();
        _models.Dispose();
    }

    private PrefixSearch Search(SearchShape shape, double bound = double.PositiveInfinity) => new(
        Context, shape, [new Continuation(PrefixRows.Start(Context, []), bound)],
        (_, candidates) => _seen.Add([.. candidates.Select(candidate => candidate.Energy)]));

    private RunContext Prefilled(int maxTokens)
    {
        var context = new RunContext(_models, Runs.Task(new EnergySearch.EnergySearchParameters(), maxTokens: maxTokens));
        context.Prefill();
        return context;
    }
}
