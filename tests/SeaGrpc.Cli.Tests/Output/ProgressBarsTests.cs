using SeaGrpc.Cli.Output;
using Spectre.Console;

namespace SeaGrpc.Cli.Tests.Output;

public sealed class ProgressBarsTests
{
    [Fact]
    public async Task Work_that_lasts_has_a_bar_each_that_is_gone_afterwards()
    {
        var written = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(TextWriter.Synchronized(written)),
        });
        await using (var bars = ProgressBars.Start(console, TimeSpan.Zero))
        {
            bars.Report("model[1].safetensors", 50, 100);
            bars.Report("tokenizer.json", 0, 0);
            while (!written.ToString().Contains("50%", StringComparison.Ordinal))
            {
                await Task.Delay(20);
            }
        }

        Assert.Contains("model[1].safetensors", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_is_over_soon_shows_nothing()
    {
        var written = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written) });
        await using (var bars = ProgressBars.Start(console, TimeSpan.FromHours(1)))
        {
            bars.Report("model.safetensors", 50, 100);
        }

        Assert.Empty(written.ToString());
    }
}
