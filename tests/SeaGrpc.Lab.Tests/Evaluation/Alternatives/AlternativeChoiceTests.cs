using SeaGrpc.Lab.Evaluation.Alternatives;

namespace SeaGrpc.Lab.Tests.Evaluation.Alternatives;

public sealed class AlternativeChoiceTests
{
    private static readonly double[][] Energies = [[0, 9, 9, 9], [4, 4, 4, 4], [9, 9, 1, 1], [9, 9, 9, 9]];

    [Fact]
    public void Each_choice_lowers_the_mean_of_the_lowest_energies_most()
    {
        IReadOnlyList<(int Response, double Energy)> chosen = AlternativeChoice.Of(Energies, None(), 4);
        // The second alone has a mean of 4, then the third brings it to 2.5, and then the first to 1.5. The last brings nothing.
        Assert.Equal([(1, 4.0), (2, 2.5), (0, 1.5)], chosen);
    }

    [Fact]
    public void A_response_does_not_count_for_the_prompt_that_it_was_found_for()
    {
        bool[][] own = None();
        own[1] = [false, false, true, true];
        Assert.Equal((2, 5.0), Assert.Single(AlternativeChoice.Of(Energies, own, 1)));
    }

    [Fact]
    public void No_more_are_chosen_than_asked_for() => Assert.Equal(2, AlternativeChoice.Of(Energies, None(), 2).Count);

    private static bool[][] None() => [.. Energies.Select(each => new bool[each.Length])];
}
