using SeaGrpc.Alignment.SelfCheck;
using SeaGrpc.Modeling.SelfCheck;

namespace SeaGrpc.Alignment.Tests.SelfCheck;

public sealed class LibTorchSelfCheckTests
{
    [Fact]
    public void Every_check_passes_with_the_libtorch_of_the_build()
    {
        var output = new StringWriter();
        int exitCode = LibTorchSelfCheck.Run(output);
        Assert.Equal((0, ""), (exitCode, exitCode == 0 ? "" : output.ToString()));
        Assert.EndsWith("The self-check passed.\n", output.ToString(), StringComparison.Ordinal);
        Assert.True(output.ToString().Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)) > 10);
    }

    [Fact]
    public void The_recorded_figures_are_those_of_the_libtorch_that_is_needed()
    {
        SeaFigures found = SeaSelfCheck.Measure("cpu");
        Assert.Equal(SeaSelfCheck.Recorded.DraftEnergy, found.DraftEnergy, 0.005);
        Assert.Equal(SeaSelfCheck.Recorded.DraftReward, found.DraftReward, 0.005);
        Assert.Equal(SeaSelfCheck.Recorded.IterationEnergy, found.IterationEnergy, 0.005);
        Assert.True(found.IterationEnergy < found.DraftEnergy - 1, "An iteration that changes nothing proves nothing.");
    }

    [Fact]
    public void A_check_that_throws_fails_with_its_reason_and_the_others_run_on()
    {
        var output = new StringWriter();
        var report = new SelfCheckReport(output);
        report.Run("first", () => throw new SelfCheckException("sizes of narrow: [3], not [2]"));
        report.Run("second", () => { });
        Assert.False(report.AllPassed);
        Assert.Equal(
            ["check   first", "FAILED  first: sizes of narrow: [3], not [2]", "check   second", "ok      second"],
            output.ToString().TrimEnd().Split('\n'));
    }
}
