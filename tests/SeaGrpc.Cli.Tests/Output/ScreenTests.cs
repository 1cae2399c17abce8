using SeaGrpc.Cli.Output;
using SeaGrpc.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SeaGrpc.Cli.Tests.Output;

public sealed class ScreenTests
{
    private const int Iterations = 10;

    [Theory]
    [InlineData(60)]
    [InlineData(200)]
    public void The_screen_fits_the_terminal_and_shows_progress_both_plots_and_the_answer(int width)
    {
        var screen = Render(ProgressScreen.Render(Trace(), width, stopping: false), width);

        Assert.All(screen.Split('\n'), line => Assert.True(line.Length <= width, line));
        Assert.Contains("iteration 5/10", screen, StringComparison.Ordinal);
        Assert.Contains("energy 5.00", screen, StringComparison.Ordinal);
        Assert.Contains("reward 5.00", screen, StringComparison.Ordinal);
        Assert.Contains("the new answer", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(200)]
    public void Draft_and_answer_stand_side_by_side_within_the_terminal(int width)
    {
        var final = new AlignmentFinal { Draft = Response("the old answer", 1), Response = Response("the new answer", 2) };

        var table = Render(FinalTable.Render(final, width), width);

        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= width, line));
        Assert.Contains(
            table.Split('\n'), line => line.Contains("1.00", StringComparison.Ordinal) && line.Contains("2.00", StringComparison.Ordinal));
    }

    [Fact]
    public void A_falling_line_runs_from_the_top_left_to_the_bottom_right()
    {
        var plot = Render(new BraillePlot("energy", [(0, 3), (1, 0)], [], total: 1, Color.Yellow), 17).Split('\n');

        Assert.StartsWith("    3.00 ⠑", plot[1], StringComparison.Ordinal);
        Assert.Equal('⠀', plot[1][^1]);
        Assert.NotEqual('⠀', plot[4][^1]);
        Assert.StartsWith("    0.00 ⠀", plot[4], StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_not_finite_are_left_out_of_a_plot() =>
        Assert.Contains(
            "energy",
            Render(new BraillePlot("energy", [(0, double.NaN), (1, double.PositiveInfinity)], [], 1, Color.Red), 30),
            StringComparison.Ordinal
        );

    private static AlignmentTrace Trace()
    {
        var trace = new AlignmentTrace();
        trace.Add(new StreamAlignResponse { Started = new AlignmentStarted() });
        trace.Add(new StreamAlignResponse { Draft = new AlignmentDraft { Best = Response("the old answer", 0) } });
        for (var index = 1; index <= Iterations / 2; index++)
        {
            trace.Add(
                new StreamAlignResponse
                {
                    Iteration = new AlignmentIteration
                    {
                        Index = index,
                        Total = Iterations,
                        Best = Response("the new answer", index),
                    },
                }
            );
        }

        return trace;
    }

    private static ScoredResponse Response(string text, double value) =>
        new()
        {
            Text = text,
            Reward = value,
            Energy = value,
        };

    private static string Render(IRenderable renderable, int width)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = width;
        console.Write(renderable);
        return writer.ToString().TrimEnd('\n');
    }
}
