using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Sea.Substitutions;

public sealed class ProposalOrderTests
{
    private const int Positions = 4;

    private static readonly EncodedPrompt Prompt = new(
        [TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant],
        [new RewardPrompt([TinyCheckpoint.Bos, TinyCheckpoint.User, 72, 105, TinyCheckpoint.Assistant], [TinyCheckpoint.Eos])]);

    private static readonly SeaParameters Parameters = new() { EmbeddingNoise = 0, RewardWeight = 4, MinProbability = 0.004 };

    [Fact]
    public void By_default_promise_and_plausibility_alternate() =>
        Assert.Equal(SeaProposalOrder.Alternate, new SeaParameters().ProposalOrder);

    [Theory]
    [InlineData(SeaProposalOrder.Alternate, true)]
    [InlineData(SeaProposalOrder.Gradient, true)]
    [InlineData(SeaProposalOrder.Policy, false)]
    [InlineData(SeaProposalOrder.Random, false)]
    public void Only_orders_that_read_the_gradient_are_charged_for_a_backward_pass(SeaProposalOrder order, bool reads)
    {
        using AlignmentModels models = TinyModels.Load(3);
        Ranked ranked = Rank(models, order);
        Assert.Equal(reads, ranked.Cost.BackwardPasses > 0);
        Assert.Equal(reads, ranked.Cost.RewardTokens > ranked.Before.RewardTokens);
        Assert.Equal(reads, ranked.Ranking.GradientNorm is not null);
        Assert.Equal(reads, ranked.Ranking.KlPerToken is not null);
        Assert.NotEmpty(ranked.Ranking.Substitutions);
    }

    [Theory]
    [InlineData(SeaProposalOrder.Policy)]
    [InlineData(SeaProposalOrder.Gradient)]
    public void One_order_alone_puts_the_best_of_every_position_first_and_goes_down(SeaProposalOrder order)
    {
        using AlignmentModels models = TinyModels.Load(3);
        Ranked ranked = Rank(models, order);
        IReadOnlyList<Substitution> substitutions = ranked.Ranking.Substitutions;
        Assert.Equal(
            Positions - 1, substitutions.Take(Positions - 1).Select(substitution => substitution.Position).Distinct().Count());
        foreach (var position in substitutions.GroupBy(substitution => substitution.Position))
        {
            float[] values = order == SeaProposalOrder.Policy ? ranked.Reference[position.Key] : ranked.Reward[position.Key];
            int[] admitted = [.. Admitted(ranked, position.Key)];
            Assert.Equal(
                admitted.OrderByDescending(token => values[token]).Take(position.Count()).Select(token => values[token]),
                position.Select(substitution => values[substitution.Token]));
        }
    }

    [Fact]
    public void A_random_order_follows_the_seed_and_draws_plausible_tokens_alike()
    {
        using AlignmentModels models = TinyModels.Load(3);
        Assert.Equal(
            Rank(models, SeaProposalOrder.Random).Ranking.Substitutions, Rank(models, SeaProposalOrder.Random).Ranking.Substitutions);
        const int Draws = 400;
        Dictionary<int, int> first = [];
        int admitted = 0;
        for (ulong seed = 1; seed <= Draws; seed++)
        {
            Ranked ranked = Rank(models, SeaProposalOrder.Random, seed);
            admitted = Admitted(ranked, 0).Count();
            int token = ranked.Ranking.Substitutions.First(substitution => substitution.Position == 0).Token;
            first[token] = first.GetValueOrDefault(token) + 1;
            Assert.All(
                ranked.Ranking.Substitutions,
                substitution => Assert.Contains(substitution.Token, Admitted(ranked, substitution.Position)));
        }

        double expected = (double)Draws / admitted;
        double statistic = first.Values.Sum(count => (count - expected) * (count - expected) / expected)
            + (admitted - first.Count) * expected;
        // Six standard deviations above the mean of a chi-squared distribution.
        Assert.InRange(statistic, 0, admitted - 1 + 6 * Math.Sqrt(2 * (admitted - 1)));
    }

    private static IEnumerable<int> Admitted(Ranked ranked, int position) =>
        Enumerable.Range(0, ranked.Reference[position].Length).Where(token =>
            token != ranked.Tokens[position] && ranked.Legal[token]
            && ranked.Reference[position][token] >= Math.Log(Parameters.MinProbability));

    private static Ranked Rank(AlignmentModels models, SeaProposalOrder order, ulong seed = 11)
    {
        SeaParameters parameters = Parameters with { ProposalOrder = order };
        using var context = new RunContext(
            models, new AlignmentTask { Prompt = Prompt, Method = parameters, Seed = seed, MaxResponseTokens = Positions });
        context.Prefill();
        using var scope = NewDisposeScope();
        var draft = new HardResponses([70, 71, 72, TinyCheckpoint.Eos], 1, models.IsEos);
        using var states = new ChainStates(context, draft);
        Tensor legal = ChainLogits.Allowed(context, parameters);
        AlignmentCost before = context.Cost.Cost;
        RankedSubstitutions ranking = SubstitutionRanking.Of(
            context, parameters, states, [0], (_, position) => position < Positions - 1, legal)[0];
        AlignmentCost cost = context.Cost.Cost;
        return new Ranked(
            ranking, before, cost, draft.Tokens, Rows(nn.functional.log_softmax(context.Prompt.Loaded.Logits(states.Hidden[0]), -1)),
            order == SeaProposalOrder.Gradient ? Reward(models, context, draft, parameters) : [],
            [.. Floats(legal).Select(float.IsFinite)]);
    }

    private static float[][] Reward(AlignmentModels models, RunContext context, HardResponses draft, SeaParameters parameters)
    {
        using EnergyGradient gradient = EnergyGradient.At(
            models, context.Prompt, draft, parameters with { Reference = SeaReference.None }, context.Generator, context.Cost);
        return Rows(-gradient.OverVocabulary(0, Positions));
    }

    private static float[][] Rows(Tensor tensor) => [.. Floats(tensor).Chunk((int)tensor.shape[1])];

    private static float[] Floats(Tensor tensor) => tensor.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();

    private sealed record Ranked(
        RankedSubstitutions Ranking, AlignmentCost Before, AlignmentCost Cost, IReadOnlyList<long> Tokens, float[][] Reference,
        float[][] Reward, bool[] Legal);
}
