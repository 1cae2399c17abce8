using SeaGrpc.Cli.Output;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Tests.Output;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new[] { 1, 2, 3 }, 0)]
    [InlineData(new[] { 1, 2, 3 }, new[] { 1, 9, 3 }, 1)]
    [InlineData(new[] { 1, 2, 3 }, new[] { 9, 1, 2, 3 }, 1)]
    [InlineData(new[] { 1, 2, 3 }, new[] { 2, 3 }, 1)]
    [InlineData(new int[0], new[] { 5, 6 }, 2)]
    public void A_token_that_moves_what_follows_it_counts_once(int[] draft, int[] answer, int changed) =>
        Assert.Equal(changed, Figures.ChangedTokens(Of(draft), Of(answer)));

    private static ScoredResponse Of(int[] ids) => new() { TokenIds = { ids } };
}
