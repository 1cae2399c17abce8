using SeaGrpc.Alignment.EnergySearch.Moves;

namespace SeaGrpc.Alignment.Tests.Search;

public sealed class MoveChoiceTests
{
    [Fact]
    public void Every_promising_move_is_tried_before_one_is_made_again()
    {
        FakeMove[] moves = [new(), new(), new()];
        MoveChoice choice = Of(2, (moves[0], true), (moves[1], false), (moves[2], true));
        Assert.Same(moves[0], choice.Current);
        End(choice, 100, 10);
        Assert.Same(moves[2], choice.Current);
        End(choice, 1, 10);
        Assert.Same(moves[0], choice.Current);
    }

    [Fact]
    public void What_has_lowered_the_energy_most_per_token_comes_next()
    {
        FakeMove cheap = new();
        FakeMove dear = new();
        MoveChoice choice = Of(0, (cheap, true), (dear, true));
        Assert.Same(cheap, choice.Current);
        End(choice, 1, 10);
        Assert.Same(dear, choice.Current);
        End(choice, 20, 1000);
        Assert.Same(cheap, choice.Current);
        End(choice, 0, 1000);
        Assert.Same(dear, choice.Current);
    }

    [Fact]
    public void A_move_that_is_not_promising_comes_only_where_the_others_have_brought_nothing()
    {
        FakeMove local = new();
        FakeMove blind = new();
        MoveChoice failing = Of(2, (blind, false), (local, true));
        Assert.Same(local, failing.Current);
        End(failing, 0, 10);
        Assert.Same(blind, failing.Current);

        MoveChoice lowering = Of(2, (blind, false), (local, true));
        foreach (double lowered in (double[])[5, 0, 0])
        {
            Assert.Same(local, lowering.Current);
            End(lowering, lowered, 10);
        }

        Assert.Null(lowering.Current);

        // Without a plateau the run goes on for as long as there is anything to try.
        MoveChoice endless = Of(0, (blind, false), (local, true));
        End(endless, 5, 10);
        local.CanBegin = false;
        End(endless, 0, 10);
        Assert.Same(blind, endless.Current);
    }

    [Fact]
    public void It_is_exhausted_once_every_move_has_failed_often_enough_or_cannot_begin()
    {
        FakeMove move = new();
        FakeMove other = new();
        MoveChoice choice = Of(2, (move, true), (other, true));
        other.CanBegin = false;
        End(choice, 0, 10);
        Assert.NotNull(choice.Current);
        End(choice, 0, 10);
        Assert.Null(choice.Current);

        MoveChoice endless = Of(0, (move, true));
        for (int failure = 0; failure < 100; failure++)
        {
            Assert.NotNull(endless.Current);
            End(endless, 0, 10);
        }
    }

    [Fact]
    public void A_success_makes_good_for_earlier_failures()
    {
        MoveChoice choice = Of(2, (new FakeMove(), true));
        foreach (double lowered in (double[])[0, 1, 0])
        {
            Assert.NotNull(choice.Current);
            End(choice, lowered, 10);
        }

        Assert.NotNull(choice.Current);
    }

    /// <summary>If it helps, the other moves have a new response to continue from.</summary>
    [Fact]
    public void A_wider_search_comes_at_the_plateau_and_renews_the_others_where_it_helps()
    {
        FakeMove local = new();
        FakeMove again = new();
        using var choice = new MoveChoice([(local, () => true)], plateau: 2, last: [(again, () => true)]);
        choice.Choose(long.MaxValue);
        foreach (double lowered in (double[])[5, 0, 0])
        {
            Assert.Same(local, choice.Current);
            End(choice, lowered, 10);
        }

        Assert.Same(again, choice.Current);
        End(choice, 3, 10);
        Assert.Same(local, choice.Current);
        End(choice, 0, 10);
        End(choice, 0, 10);
        Assert.Same(again, choice.Current);
        again.CanBegin = false;
        End(choice, 0, 10);
        Assert.Null(choice.Current);
    }

    [Fact]
    public void Last_moves_are_made_in_their_order_once_the_others_have_failed()
    {
        FakeMove local = new();
        FakeMove edits = new() { CanBegin = false };
        FakeMove wider = new();
        bool isPromising = false;
        using var choice = new MoveChoice([(local, () => true)], plateau: 1, last: [(edits, () => isPromising), (wider, () => true)]);
        choice.Choose(long.MaxValue);
        End(choice, 0, 10);
        Assert.Same(wider, choice.Current);
        edits.CanBegin = true;
        End(choice, 0, 10);
        Assert.Same(wider, choice.Current);
        isPromising = true;
        End(choice, 0, 10);
        Assert.Same(edits, choice.Current);
        End(choice, 2, 10);
        Assert.Same(local, choice.Current);
    }

    [Fact]
    public void A_substitute_takes_the_place_of_all_moves_but_a_repair_that_helps()
    {
        FakeMove repair = new();
        FakeMove led = new();
        FakeMove substitute = new();
        bool isBlind = true;
        using var choice = new MoveChoice(
            [(repair, () => true), (led, () => !isBlind)], plateau: 2, repair, last: [(led, () => true)], (substitute, () => isBlind));
        choice.Choose(long.MaxValue);
        Assert.Same(repair, choice.Current);
        End(choice, 3, 10);
        Assert.Same(repair, choice.Current);
        End(choice, 0, 10);
        foreach (double lowered in (double[])[0, 5, 0])
        {
            Assert.Same(substitute, choice.Current);
            End(choice, lowered, 10);
        }

        Assert.Same(substitute, choice.Current);
        End(choice, 0, 10);
        Assert.Null(choice.Current);
        isBlind = false;
        choice.Choose(long.MaxValue);
        Assert.Same(led, choice.Current);
    }

    [Fact]
    public void What_does_not_fit_into_the_budget_is_not_made()
    {
        FakeMove dear = new() { Expected = 100 };
        FakeMove cheap = new() { Expected = 10 };
        using MoveChoice choice = Of(0, (dear, true), (cheap, true));
        choice.Choose(room: 99);
        Assert.Same(cheap, choice.Current);
        choice.Choose(room: 9);
        Assert.Null(choice.Current);
        Assert.True(choice.IsOutOfBudget);
        choice.Choose(room: 100);
        Assert.Same(dear, choice.Current);
        Assert.False(choice.IsOutOfBudget);
    }

    /// <summary>Where a move does not say what it costs, its iterations so far do.</summary>
    [Fact]
    public void What_has_cost_more_than_is_left_is_not_made_again()
    {
        FakeMove move = new();
        using MoveChoice choice = Of(0, (move, true));
        choice.End(1, 50);
        choice.Choose(room: 49);
        Assert.Null(choice.Current);
        choice.Choose(room: 50);
        Assert.Same(move, choice.Current);
    }

    private static MoveChoice Of(int plateau, params (IMove Move, bool IsPromising)[] moves)
    {
        var choice = new MoveChoice([.. moves.Select(one => (one.Move, (Func<bool>)(() => one.IsPromising)))], plateau);
        choice.Choose(long.MaxValue);
        return choice;
    }

    private static void End(MoveChoice choice, double lowered, long tokens)
    {
        choice.End(lowered, tokens);
        choice.Choose(long.MaxValue);
    }

    private sealed class FakeMove : IMove
    {
        public bool CanBegin { get; set; } = true;

        public long? Expected { get; init; }

        public bool Advance(out Proposal? proposal)
        {
            proposal = null;
            return true;
        }

        public void Dispose()
        {
        }
    }
}
