using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.EnergySearch.Moves;
using SeaGrpc.Alignment.EnergySearch.Moves.Spans;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Alignment.Sea;
using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Alignment.Search;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.Tests.Search;

/// <summary>What energy_search has read of a response, it does not read again, and its numbers are those of a new reading.</summary>
public sealed class ReadOnceTests
{
    private static readonly int[] Response = [65, 66, 46, 67, 68, 33, 69];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_row_that_is_cut_goes_on_from_its_last_token(int cut) => With(Response, ended: true, state =>
    {
        using var scope = NewDisposeScope();
        using PrefixRows kept = PrefixRows.Gather([(state.Rows, 0)], cut);
        long before = state.Spent;
        float[] ends = state.Context.Prompt.Policy.Next([kept.Policy])[0].Ends();
        Assert.Equal(before, state.Spent);

        using PrefixRows anew = PrefixRows.Start(state.Context, Response[..cut]);
        Assert.Equal(state.Context.Prompt.Policy.Next([anew.Policy])[0].Ends()[0], ends[0], 1e-4);
    });

    [Fact]
    public void A_state_that_was_given_up_is_computed_again() => With(Response, ended: true, state =>
    {
        using var scope = NewDisposeScope();
        using PrefixRows kept = PrefixRows.Gather([(state.Rows, 0)], 4);
        float expected = state.Context.Prompt.Policy.Next([kept.Policy])[0].Ends()[0];
        using PrefixRows cut = PrefixRows.Gather([(state.Rows, 0)], 4);
        RecentStates recent = state.Context.Prompt.Loaded.Recent!;
        ReadToken[] others = [.. Enumerable.Range(0, RecentStates.Slots).Select(id => recent.Root.Then(1000 + id))];
        recent.Keep(others, zeros(others.Length, state.Context.Models.Policy.Decoder.Config.HiddenSize));
        for (int first = 0; first < 2 * RunReading.Slots / Response.Length; first++)
        {
            using PrefixRows other = PrefixRows.Start(state.Context, [first % 60, 60 + (first / 60), .. Response[2..]], ended: true);
        }

        long before = state.Spent;

        Assert.Equal(expected, state.Context.Prompt.Policy.Next([cut.Policy])[0].Ends()[0], 1e-4);
        Assert.Equal(before + 1, state.Spent);
    });

    /// <summary>Another row comes to the same tokens: neither model reads them, whatever the pass has besides.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    public void What_a_row_has_read_another_does_not_read_again(int tokens) => With(Response, ended: true, state =>
    {
        int[] longer = [.. Response[..tokens], 71, 72];
        long before = state.Spent;
        (PrefixRows rows, ScoredResponse known) = PrefixRows.Read(state.Context, longer, ended: true);
        using PrefixRows ownRows = rows;
        // Both models read the two new tokens, and the reward its template's tail.
        int tail = state.Context.Task.Prompt.Rewards[0].Suffix.Count;
        Assert.Equal(before + 2 + 2 + tail, state.Spent);

        using AlignmentModels models = Runs.LoadWithEos();
        using var anew = new RunContext(models, state.Context.Task);
        anew.Prefill();
        ScoredResponse expected = Read(anew, longer, ended: true);
        Assert.Equal(expected.Reward, known.Reward, 1e-4);
        Assert.Equal(expected.LogProbability, known.LogProbability, 1e-3);
    });

    /// <summary>Nothing is read after it but the end, which the policy's row need not hold.</summary>
    [Fact]
    public void An_edit_that_only_drops_the_last_tokens_is_kept() => With(Response, ended: true, state =>
    {
        var edit = new SpanEdit(SpanEditKind.Deletion, Response.Length - 2, 2, [], LogProbabilityChange: 1000);
        var scorer = new MoveScorer(
            state.Context, SeaParameters.Default with { RewardWeight = state.Parameters.RewardWeight, Reference = SeaReference.None });
        using var kept = new KeptMove(double.PositiveInfinity, _ => true);
        ScoredResponse shorter = scorer.Read(
            state.Reading,
            [double.PositiveInfinity],
            [edit.Change(state.Context.Task.MaxResponseTokens, state.Context.Models.Prompts.EosId)],
            kept)[0]!;
        state.MoveTo(shorter, PrefixRows.Of(kept.Take(shorter)!.Value), iteration: 1);
        long before = state.Spent;
        Assert.Equal(Response[..^2], shorter.Tokens);
        AssertSame(state.Context, state.Reading);
        Assert.Equal(before, state.Spent);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_rows_of_a_search_become_what_edits_need(bool ended) => With(Response, ended, state =>
    {
        _ = state.Rows;
        long before = state.Spent;
        ChainStates reading = state.Reading;
        Assert.Equal(before, state.Spent);
        AssertSame(state.Context, reading);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_edits_need_becomes_the_row_of_a_search(bool ended) => With(Response, ended, state =>
    {
        ScoredResponse other = Read(state.Context, [65, 66, 46, 70, 71], ended: true);
        state.MoveTo(other, rows: null, iteration: 1);
        _ = state.Reading;
        long before = state.Spent;
        PrefixRows rows = state.Rows;
        Assert.Equal(before, state.Spent);
        Assert.Equal(other.LogProbability, rows.Policy.LogProbability(0), 1e-3);

        // It goes on as a new reading would.
        using PrefixRows cut = PrefixRows.Gather([(rows, 0)], 3);
        using PrefixRows anew = PrefixRows.Start(state.Context, [65, 66, 46]);
        using var scope = NewDisposeScope();
        foreach (PrefixRows own in (PrefixRows[])[cut, anew])
        {
            _ = own.Policy.Loaded.Logits();
            own.Policy.Append([72], null);
        }

        Assert.Equal(anew.Score()[0].Reward, cut.Score()[0].Reward, 1e-4);
    });

    [Fact]
    public void An_edit_that_is_accepted_is_not_read_again() => With(Response, ended: true, state =>
    {
        using var move = new SpanMove(state, SpanRanking.Of, SpanRanking.Tokens, read: 12);
        Assert.True(move.CanBegin);
        Assert.True(move.Advance(out Proposal? proposal));
        Assert.NotNull(proposal?.Rows);
        state.MoveTo(proposal.Response, proposal.Rows, iteration: 1);
        long before = state.Spent;

        Assert.Equal(proposal.Response.LogProbability, state.Rows.Policy.LogProbability(0), 1e-3);
        AssertSame(state.Context, state.Reading);
        Assert.Equal(before, state.Spent);
    });

    [Fact]
    public void Substitutions_that_are_accepted_are_not_read_again() => With(Response, ended: true, state =>
    {
        using var move = new SubstitutionMove(state);
        Proposal? proposal = null;
        for (int tries = 0; proposal is null && tries < 8; tries++)
        {
            Assert.True(move.Advance(out proposal));
        }

        Assert.NotNull(proposal);
        state.MoveTo(proposal.Response, proposal.Rows, iteration: 1);
        long before = state.Spent;
        AssertSame(state.Context, state.Reading);
        Assert.Equal(before, state.Spent);
    });

    [Fact]
    public void Bridges_of_several_places_are_those_of_each() => With(Response, ended: true, state =>
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int[] places = [1, 3, 7];
        SpanEdit[] together = [.. Bridges.At(state, state.Reading, places, 3).OrderBy(Name)];
        SpanEdit[] apart = [.. places.SelectMany(place => Bridges.At(state, state.Reading, [place], 3)).OrderBy(Name)];
        Assert.NotEmpty(apart);
        Assert.Equal(apart.Select(Name), together.Select(Name));
        Assert.All(
            apart.Zip(together), pair => Assert.Equal(pair.First.LogProbabilityChange, pair.Second.LogProbabilityChange, 1e-3));

        static string Name(SpanEdit edit) => $"{edit.Start} {edit.Removed} {string.Join(',', edit.Inserted)}";
    });

    private static ScoredResponse Read(RunContext context, int[] response, bool ended) =>
        context.Score([(response, ended)])[0].Response;

    // Whether a reading has the numbers of a new one.
    private static void AssertSame(RunContext context, ChainStates reading)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using IDisposable uncounted = context.Cost.Pause();
        using var anew = new ChainStates(context, reading.Rows);
        Assert.Equal(anew.LogProbabilities.Length, reading.LogProbabilities.Length);
        Assert.All(anew.LogProbabilities.Zip(reading.LogProbabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        using Tensor difference = (anew.Hidden - reading.Hidden).abs().max();
        Assert.InRange(difference.item<float>(), 0, 1e-4);
        int[] chains = [0];
        for (int start = 0; start <= reading.Rows.ContentLengths[0]; start++)
        {
            Assert.Equal(
                anew.Rewards([new MovedRows(reading.Rows, chains, start)]).Rewards[0],
                reading.Rewards([new MovedRows(reading.Rows, chains, start)]).Rewards[0],
                1e-4);
        }
    }

    private static void With(int[] response, bool ended, Action<SearchState> check)
    {
        using AlignmentModels models = Runs.LoadWithEos();
        AlignmentTask task = Runs.Task(new EnergySearchParameters()) with { MaxResponseTokens = ended ? 12 : response.Length };
        using var context = new RunContext(models, task);
        context.Prefill();
        context.Prompt.KeepReading();
        (PrefixRows rows, ScoredResponse read) = PrefixRows.Read(context, response, ended);
        using var state = new SearchState(context, (EnergySearchParameters)task.Method, read, rows);
        check(state);
    }
}
