using SeaGrpc.Lab.Evaluation.Metrics;

namespace SeaGrpc.Lab.Tests.Evaluation.Metrics;

public sealed class DiversityTests
{
    [Fact]
    public void Nothing_repeated_is_one() => Assert.Equal(1, Diversity.Of(["a b c d e"]));

    [Fact]
    public void The_same_answer_twice_halves_every_length() => Assert.Equal(0.125, Diversity.Of(["a b c d", "a b c d"]), 12);

    // Pairs: ab ba ab ba, 2 of 4; triples: aba bab aba, 2 of 3; fours: abab baba, 2 of 2.
    [Fact]
    public void Repeats_within_an_answer_count() => Assert.Equal(1.0 / 2 * 2 / 3, Diversity.Of(["a b a b a"]), 12);

    [Fact]
    public void Word_groups_do_not_reach_over_two_answers() => Assert.Equal(1, Diversity.Of(["a b", "b a"]));

    [Fact]
    public void Answers_without_words_are_not_repetitive() => Assert.Equal(1, Diversity.Of(["", "a"]));
}
