using SeaGrpc.Alignment.Args;
using SeaGrpc.Alignment.BestOfN;
using SeaGrpc.Alignment.ChunkBeamSearch;
using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Alignment.Tests.Search;
using SeaGrpc.Modeling.Batching;
using SeaGrpc.Modeling.Transformer.Passes;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests;

/// <summary>
/// Between two turns as many token positions are read as a turn may have, whatever a job asks for; a turn's bound changes no answer.
/// </summary>
[Trait("tier", "slow")]
public sealed class TurnTests
{
    /// <summary>What a piece of vocabulary-wide work amounts to at least: a megabyte of numbers.</summary>
    private const int LeastPiece = 256;

    private const int MaxTurnTokens = LeastPiece;

    /// <summary>Each many times as large as a turn.</summary>
    public static TheoryData<MethodParameters> Giants =>
        [
            new BestOfNParameters { SampleCount = 70 },
            new ArgsParameters { Candidates = 270 },
            new ChunkBeamSearchParameters
            {
                BeamWidth = 4,
                SamplesPerBeam = 17,
                ChunkTokens = 5,
            },
            new ChunkBeamSearchParameters
            {
                BeamWidth = 2,
                SamplesPerBeam = 2,
                ChunkTokens = 2,
                Rollouts = 20,
                PrefixScoring = BeamPrefixScoring.Rollout,
            },
            new EnergySearchParameters
            {
                BeamWidth = 20,
                Candidates = 20,
                EnumeratedTokens = 2,
                SamplesPerBeam = 20,
                ChunkTokens = 2,
                Rewrites = 30,
                Iterations = 3,
            },
            new SeaParameters
            {
                Chains = 48,
                DraftSamples = 66,
                Proposals = 2,
                Iterations = 2,
                PlateauIterations = 0,
            },
            SeaParameters.Langevin with
            {
                Chains = 48,
                DraftSamples = 66,
                Iterations = 2,
                PlateauIterations = 0,
            },
            SeaParameters.Paper with
            {
                Chains = 48,
                Iterations = 2,
                GuidedDecode = true,
            },
        ];

    [Theory]
    [MemberData(nameof(Giants))]
    public void No_turn_is_longer_than_it_may_be_and_the_answer_is_the_same(MethodParameters method)
    {
        using AlignmentModels models = TinyModels.Load();
        AlignmentTask task = Runs.Task(method, maxTokens: 6);
        AlignmentOutcome whole = Runs.Run(models, task).Outcome;
        using var exchange = new PassExchange(maxTurnTokens: MaxTurnTokens);
        using IAlignmentRun run = models.Start(task);
        Drive(exchange, run);

        Assert.InRange(exchange.LongestTurn, 1, MaxTurnTokens);
        AlignmentOutcome parts = run.Complete(run.FinishReason);
        Assert.Equal(whole.Response.Tokens, parts.Response.Tokens);
        Assert.Equal(whole.Response.Energy, parts.Response.Energy);
        Assert.Equal(whole.Draft.Energy, parts.Draft.Energy);
    }

    [Theory]
    [MemberData(nameof(Giants))]
    public void A_turn_of_one_position_has_a_row_or_a_piece_of_numbers(MethodParameters method)
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange(maxTurnTokens: 1);
        using IAlignmentRun run = models.Start(Runs.Task(method, maxTokens: 6));
        Drive(exchange, run);

        Assert.InRange(exchange.LongestTurn, 1, LeastPiece);
    }

    [Fact]
    public void Noise_is_drawn_at_once_and_what_follows_is_cut()
    {
        using AlignmentModels models = TinyModels.Load();
        const int Rows = 1300;
        AlignmentTask task = Runs.Task(
            SeaParameters.Langevin with { Chains = Rows / 10, Iterations = 1, PlateauIterations = 0 }, maxTokens: 10);
        AlignmentOutcome whole = Runs.Run(models, task).Outcome;
        using var exchange = new PassExchange(maxTurnTokens: MaxTurnTokens);
        using IAlignmentRun run = models.Start(task);
        Drive(exchange, run);

        Assert.InRange(exchange.LongestTurn, LeastPiece, ModelPasses.Positions(Rows, models.Policy.Decoder.Config.VocabularySize));
        Assert.Equal(whole.Response.Energy, run.Complete(run.FinishReason).Response.Energy);
    }

    [Fact]
    public void A_small_job_waits_for_little_more_than_its_own_size_beside_a_giant_one()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange(maxTurnTokens: MaxTurnTokens);
        using IAlignmentRun giant = models.Start(Runs.Task(new SeaParameters
        {
            Chains = 32,
            DraftSamples = 70,
            Proposals = 64,
            Iterations = 1000,
            PlateauIterations = 0,
        }));
        JobLane large = exchange.Open();
        large.Begin(() => Advance(giant));
        for (int turn = 0; turn < 50; turn++)
        {
            exchange.Exchange();
        }

        using IAlignmentRun small = models.Start(Runs.Task(new BaseParameters()));
        JobLane own = exchange.Open();
        long before = large.Spent;
        long begun = own.Spent;
        own.Begin(() => Advance(small));
        int turns = 0;
        while (!own.IsIdle)
        {
            exchange.Exchange();
            turns++;
        }

        own.ThrowIfFailed();
        Assert.True(small.IsFinished);
        Assert.False(giant.IsFinished);
        long spent = own.Spent - begun;
        Assert.InRange(large.Spent - before, 0, spent + (3 * (MaxTurnTokens + 64)));
        Assert.InRange(turns, 1, spent);
        large.Abandon(new InvalidOperationException("The end."));
        Assert.Throws<InvalidOperationException>(large.ThrowIfFailed);
    }

    [Fact]
    public void Work_that_is_given_up_leaves_the_best_before_it()
    {
        using AlignmentModels models = TinyModels.Load();
        using var exchange = new PassExchange(maxTurnTokens: MaxTurnTokens);
        using IAlignmentRun run = models.Start(Runs.Task(new SeaParameters { Chains = 4, Iterations = 1000, PlateauIterations = 0 }));
        JobLane lane = exchange.Open();
        lane.Begin(() => Advance(run));
        while (!run.HasResponse)
        {
            exchange.Exchange();
        }

        exchange.Exchange();
        var reason = new InvalidOperationException("Enough.");
        lane.Abandon(reason);

        Assert.True(lane.IsIdle);
        Assert.Same(reason, Assert.Throws<InvalidOperationException>(lane.ThrowIfFailed));
        AlignmentOutcome outcome = run.Complete(StopReason.Cancelled);
        Assert.True(outcome.Response.Energy <= outcome.Draft.Energy);
    }

    private static void Drive(PassExchange exchange, IAlignmentRun run)
    {
        JobLane lane = exchange.Open();
        lane.Begin(() => Advance(run));
        while (!lane.IsIdle)
        {
            exchange.Exchange();
        }

        lane.ThrowIfFailed();
    }

    private static void Advance(IAlignmentRun run)
    {
        while (!run.IsFinished)
        {
            run.Advance();
        }
    }
}
