using SeaGrpc.Cli.Output;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Tests.Output;

public sealed class SummaryTests
{
    [Theory]
    [InlineData(6.9, 4.6, "higher by 6.90 (--min-reward-gain), or by 4.60 where a known response beats it (--beaten-draft-gain).")]
    [InlineData(3, 3, "higher by 3.00 (--min-reward-gain).")]
    public void It_says_why_a_draft_stays(double gain, double beaten, string reason) =>
        Assert.EndsWith($"; the draft stays: none was found whose reward is {reason}", Of(gain, beaten, 1, 2), StringComparison.Ordinal);

    [Fact]
    public void Where_any_gain_counts_or_the_draft_changed_there_is_nothing_to_say()
    {
        Assert.DoesNotContain("stays", Of(0, 0, 1, 2), StringComparison.Ordinal);
        Assert.DoesNotContain("stays", Of(6.9, 4.6, 1, 3), StringComparison.Ordinal);
    }

    private static string Of(double gain, double beaten, params int[] answer) => Summary.Of(
        new AlignmentFinal
        {
            Draft = new ScoredResponse { TokenIds = { 1, 2 } },
            Response = new ScoredResponse { TokenIds = { answer } },
            StopReason = StopReason.Converged,
        },
        new AlignmentSpec { MinRewardGain = gain, BeatenDraftGain = beaten });
}
