namespace SeaGrpc.Alignment.Tests;

/// <summary>The longest common subsequence.</summary>
public sealed class CommonSubsequenceTests
{
    [Theory]
    [InlineData("", "abc", "")]
    [InlineData("abc", "xyz", "")]
    [InlineData("abc", "abc", "00 11 22")]
    [InlineData("abcd", "bxd", "10 32")]
    [InlineData("bxd", "abcd", "01 23")]
    [InlineData("ab", "ba", "10")] // Of two as long, the one that leaves out of the first sequence early.
    public void Pairs_are_the_longest_in_order(string first, string second, string pairs) => Assert.Equal(
        pairs,
        string.Join(' ', CommonSubsequence.Of(first.AsSpan(), second.AsSpan()).Select(pair => $"{pair.First}{pair.Second}")));
}
