using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Sea.Substitutions;

/// <summary>Energies of moved responses, read from their first change on, against reading each one whole.</summary>
public sealed class MoveScorerTests
{
    private const int Positions = 9;

    private static readonly EncodedPrompt Prompt = new(
        [TinyCheckpoint.Bos, TinyCheckpoint.User, 10, 20, TinyCheckpoint.Assistant],
        [new RewardPrompt([TinyCheckpoint.Bos, TinyCheckpoint.User, 10, 20, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos, 5])]);

    // Without a reference every move is read by both models, whatever the chains' energies.
    private static readonly double[] AnyEnergies = new double[4];

    private static readonly SeaParameters Parameters = SeaParameters.Default with { RewardWeight = 3, Reference = SeaReference.None };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Moves_have_the_energies_of_the_responses_that_they_lead_to(int seed)
    {
        using AlignmentModels models = TinyModels.Load(4);
        using var context = new RunContext(
            models, new AlignmentTask { Prompt = Prompt, Method = Parameters, Seed = 1, MaxResponseTokens = Positions });
        context.Prefill();
        var random = new Random(seed);
        HardResponses rows = RandomRows(random);
        using var states = new ChainStates(context, rows);
        var scorer = new MoveScorer(context, Parameters);
        for (int round = 0; round < 3; round++)
        {
            Move[] moves = [.. Enumerable.Range(0, 40).Select(_ => RandomMove(random, states.Rows))];
            IReadOnlyList<ScoredMove> scored = scorer.Score(states, AnyEnergies, moves);
            for (int index = 0; index < moves.Length; index++)
            {
                ScoredResponse whole = context.Scorer()
                    .Score(context.Prompt, Moved(states.Rows, [moves[index]], moves[index].Chain), 3)[0].Response;
                Assert.Same(moves[index], scored[index].Move);
                Assert.Equal(whole.Tokens, scored[index].Response.Tokens);
                Assert.Equal(whole.EndsWithEos, scored[index].Response.EndsWithEos);
                Assert.Equal(whole.Reward, scored[index].Response.Reward, 1e-4);
                Assert.Equal(whole.LogProbability, scored[index].Response.LogProbability, 1e-3);
            }

            // The chains move on: from now on the caches hold what was replaced.
            Move[] accepted = [.. moves.DistinctBy(move => move.Chain)];
            states.Replace(
                Moved(states.Rows, accepted), accepted.Min(move => Math.Min(move.Start, states.Rows.ContentLengths[move.Chain])));
        }
    }

    [Fact]
    public void Nothing_to_score_is_nothing_to_do()
    {
        using AlignmentModels models = TinyModels.Load(4);
        using var context = new RunContext(
            models, new AlignmentTask { Prompt = Prompt, Method = Parameters, Seed = 1, MaxResponseTokens = Positions });
        context.Prefill();
        using var states = new ChainStates(context, RandomRows(new Random(1)));
        AlignmentCost before = context.Cost.Cost;

        Assert.Empty(new MoveScorer(context, Parameters).Score(states, AnyEnergies, []));
        Assert.Equal(before, context.Cost.Cost);
    }

    [Fact]
    public void What_the_reward_does_not_pay_for_is_not_read_by_the_policy()
    {
        using AlignmentModels models = TinyModels.Load(4);
        SeaParameters whole = Parameters with { Reference = SeaReference.Full };
        using var context = new RunContext(
            models, new AlignmentTask { Prompt = Prompt, Method = whole, Seed = 1, MaxResponseTokens = Positions });
        context.Prefill();
        using var states = new ChainStates(context, RandomRows(new Random(1)));
        double energy = context.Scorer().Score(context.Prompt, states.Rows, 3)[0].Response.Energy;
        long before = context.Cost.Cost.PolicyTokens;

        Assert.Empty(new MoveScorer(context, whole).Score(states, [energy, 0, 0, 0], [new Move(0, [new Substitution(2, 70, -1000)])]));
        Assert.Equal(before, context.Cost.Cost.PolicyTokens);
        Assert.Single(new MoveScorer(context, whole).Score(states, [energy, 0, 0, 0], [new Move(0, [new Substitution(2, 70, 1000)])]));
    }

    [Fact]
    public void A_late_change_reads_few_positions()
    {
        using AlignmentModels models = TinyModels.Load(4);
        using var context = new RunContext(
            models, new AlignmentTask { Prompt = Prompt, Method = Parameters, Seed = 1, MaxResponseTokens = Positions });
        context.Prefill();
        HardResponses rows = new([.. Enumerable.Repeat(65L, Positions - 1), TinyCheckpoint.Eos], 1, models.IsEos);
        using var states = new ChainStates(context, rows);
        AlignmentCost before = context.Cost.Cost;

        new MoveScorer(context, Parameters).Score(states, AnyEnergies, [new Move(0, [new Substitution(Positions - 2, 70, 0)])]);

        Assert.Equal(1, context.Cost.Cost.PolicyTokens - before.PolicyTokens);
        Assert.Equal(1 + Prompt.Rewards[0].Suffix.Count, context.Cost.Cost.RewardTokens - before.RewardTokens);
    }

    private static HardResponses RandomRows(Random random)
    {
        int[] lengths = [8, 3, 5, Positions];
        long[] tokens = [.. lengths.SelectMany(length => Enumerable.Range(0, Positions)
            .Select(position => position < length ? random.Next(1, 200) : (long)TinyCheckpoint.Eos))];
        return new HardResponses(tokens, lengths.Length, id => id == TinyCheckpoint.Eos);
    }

    // One to three substitutions; some end the response earlier, some wake what stood after its end.
    private static Move RandomMove(Random random, HardResponses rows)
    {
        int chain = random.Next(rows.Rows);
        IEnumerable<int> positions = Enumerable.Range(0, rows.TargetLengths[chain]).OrderBy(_ => random.Next()).Take(random.Next(1, 4));
        return new Move(
            chain,
            [.. positions.Select(
                position => new Substitution(position, random.Next(8) == 0 ? TinyCheckpoint.Eos : random.Next(1, 200), 0))]);
    }

    private static HardResponses Moved(HardResponses rows, IReadOnlyList<Move> moves, int? only = null)
    {
        long[] tokens = [.. rows.Tokens];
        foreach (Move move in moves)
        {
            foreach (Substitution substitution in move.Substitutions)
            {
                tokens[move.Chain * rows.Positions + substitution.Position] = substitution.Token;
            }
        }

        return only is { } row
            ? new HardResponses(tokens.AsSpan(row * rows.Positions, rows.Positions).ToArray(), 1, id => id == TinyCheckpoint.Eos)
            : new HardResponses(tokens, rows.Rows, id => id == TinyCheckpoint.Eos);
    }
}
