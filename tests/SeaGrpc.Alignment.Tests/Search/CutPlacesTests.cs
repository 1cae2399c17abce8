using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.EnergySearch.Cuts;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>Where responses are cut.</summary>
public sealed class CutPlacesTests
{
    private static readonly int[] Response = [65, 66, 67, 68, 69, 70, 71, 72, 73, 74];

    [Fact]
    public void Cuts_by_place_lie_towards_the_beginning() =>
        With(EnergySearchCut.Place, (state, cuts) =>
        {
            double[] shares = Shares(cuts);
            // n u^2 < 1 where u < 1 / sqrt(n).
            Assert.Equal(1 / Math.Sqrt(Response.Length), shares[0], 0.05);
            Assert.True(shares[0] > 3 * shares[^1]);
        });

    [Fact]
    public void Random_cuts_are_anywhere() =>
        With(EnergySearchCut.Random, (state, cuts) => Assert.All(Shares(cuts), share => Assert.Equal(0.1, share, 0.04)));

    [Fact]
    public void Cuts_by_entropy_go_by_the_policys_distributions() => With(EnergySearchCut.Entropy, (state, cuts) =>
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        TransformerDecoder decoder = state.Context.Models.Policy.Decoder;
        long[] ids = [.. Runs.Prompt.Policy.Concat(Response).Select(id => (long)id)];
        Tensor logits = decoder.Logits(decoder.Forward(decoder.Embed(tensor(ids).unsqueeze(0))))[0]
            .narrow(0, Runs.Prompt.Policy.Count - 1, Response.Length);
        Tensor own = nn.functional.softmax(logits.to(ScalarType.Float64), -1);
        double[] entropies = [.. (own * own.log()).sum(-1).neg().data<double>()];
        Assert.All(cuts.Weights().Zip(entropies), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
        AreDrawnInProportion(cuts);
    });

    [Fact]
    public void Cuts_by_gradient_go_by_the_rewards_dependence_on_each_token()
    {
        double[] once = [];
        With(EnergySearchCut.Gradient, (state, cuts) =>
        {
            once = cuts.Weights();
            Assert.Equal(Response.Length, once.Length);
            Assert.All(once, norm => Assert.True(norm > 0));
            AreDrawnInProportion(cuts);
        });
        With(
            EnergySearchCut.Gradient,
            (state, cuts) => Assert.All(cuts.Weights().Zip(once), pair => Assert.Equal(3 * pair.Second, pair.First, 1e-3 * pair.First)),
            rewardWeight: 24);
        // Without a reward there is nothing to go by.
        With(EnergySearchCut.Gradient, (state, cuts) => Assert.All(cuts.Weights(), weight => Assert.Equal(1, weight)), rewardWeight: 0);
    }

    [Fact]
    public void Cuts_by_spread_go_by_the_candidates_that_were_read() => With(EnergySearchCut.Spread, (state, cuts) =>
    {
        state.Spread.Note(2, [10, 30]);
        state.Spread.Note(2, [10, 10]);
        state.Spread.Note(5, [0, 2, 0, 2]);
        // Standard deviations 10 and 0, and 1; elsewhere the mean of 5 and 1.
        Assert.Equal([3, 3, 5, 3, 3, 1, 3, 3, 3, 3], cuts.Weights());
        AreDrawnInProportion(cuts);
    });

    [Fact]
    public void A_search_notes_the_spread_of_its_candidates()
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentTask task = Runs.Task(new EnergySearchParameters());
        using var context = new RunContext(models, task);
        context.Prefill();
        var spread = new CandidateSpread();
        SearchShape shape = EnergySearchShapes.First(
            new EnergySearchParameters { BeamWidth = 2, Candidates = 4, EnumeratedTokens = 2, ChunkTokens = 2, PruneMargin = 1000 },
            PrefixRises.None);
        using var search = new PrefixSearch(
            context, shape, [new Continuation(PrefixRows.Start(context, []), double.PositiveInfinity)],
            (position, candidates) => spread.Note(position, [.. candidates.Select(candidate => candidate.Energy)]));
        while (!search.IsFinished)
        {
            search.Advance();
        }

        double[] noted = [.. Enumerable.Range(0, 4).Select(spread.At)];
        Assert.All(noted, value => Assert.True(value > 0 && double.IsFinite(value)));
        Assert.True(noted.Distinct().Count() > 2);
    }

    [Theory]
    [InlineData(EnergySearchCut.Place)]
    [InlineData(EnergySearchCut.Entropy)]
    [InlineData(EnergySearchCut.Spread)]
    [InlineData(EnergySearchCut.Gradient)]
    [InlineData(EnergySearchCut.Random)]
    public void No_cut_is_inside_the_fixed_prefix_or_after_the_end(EnergySearchCut cut) => With(
        cut,
        (state, cuts) => Assert.All(Enumerable.Range(0, 300).SelectMany(_ => cuts.Draw(2)), place => Assert.InRange(place, 3, 9)),
        prefix: 3);

    private static void AreDrawnInProportion(CutPlaces cuts)
    {
        double[] weights = cuts.Weights();
        double[] shares = Shares(cuts);
        Assert.All(weights.Zip(shares), pair => Assert.Equal(pair.First / weights.Sum(), pair.Second, 0.05));
    }

    private static double[] Shares(CutPlaces cuts)
    {
        const int Draws = 1500;
        int[] places = [.. Enumerable.Range(0, Draws).SelectMany(_ => cuts.Draw(1))];
        return [.. Enumerable.Range(0, Response.Length).Select(place => places.Count(own => own == place) / (double)Draws)];
    }

    private static void With(EnergySearchCut cut, Action<SearchState, CutPlaces> check, double rewardWeight = 8, int prefix = 0)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentTask task = Runs.Task(new EnergySearchParameters { Cut = cut, RewardWeight = rewardWeight }) with
        {
            ResponsePrefix = Response[..prefix],
        };
        using var context = new RunContext(models, task);
        context.Prefill();
        (PrefixRows rows, ScoredResponse response) = PrefixRows.Read(context, Response, ended: true);
        using var state = new SearchState(context, (EnergySearchParameters)task.Method, response, rows);
        check(state, new CutPlaces(state));
    }
}
