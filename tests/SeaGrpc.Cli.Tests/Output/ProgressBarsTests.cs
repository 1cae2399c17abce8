using SeaGrpc.Cli.Output;
using Spectre.Console;

namespace SeaGrpc.Cli.Tests.Output;

public sealed class ProgressBarsTests
{
    [Fact]
    public async Task Work_that_lasts_has_a_bar_each_that_is_gone_afterwards()
    {
        var written = new SharedWriter();
        await using (var bars = ProgressBars.Start(Terminal(written), TimeSpan.Zero))
        {
            bars.Report(new WorkProgress("model[1].safetensors", 50, 100, WorkUnit.Bytes));
            bars.Report(new WorkProgress("tokenizer.json", 0, 0, WorkUnit.Bytes));
            bars.Report(new WorkProgress("warming up"));
            await UntilAsync(written, "50%");
        }

        Assert.Contains("model[1].safetensors", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("warming up", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_are_written_above_the_bars()
    {
        var written = new SharedWriter();
        await using (var bars = ProgressBars.Start(Terminal(written), TimeSpan.Zero))
        {
            bars.Report(new WorkProgress("rows", 1, 4));
            await UntilAsync(written, "1/4");
            bars.WriteLine("row 1: a [failure]");
            bars.Report(new WorkProgress("rows", 2, 4));
            await UntilAsync(written, "2/4");
        }

        string text = written.ToString();
        Assert.True(
            text.IndexOf("row 1: a [failure]", StringComparison.Ordinal) < text.IndexOf("2/4", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task Of_much_work_only_what_is_under_way_has_bars()
    {
        var written = new SharedWriter();
        await using (var bars = ProgressBars.Start(Terminal(written), TimeSpan.Zero))
        {
            for (int number = 0; number < 40; number++)
            {
                bars.Report(new WorkProgress($"method {number}:", number < 20 ? 8 : 0, 8));
            }

            bars.Report(new WorkProgress("method 20:", 3, 8));
            await UntilAsync(written, "3/8");
        }

        string text = written.ToString();
        Assert.DoesNotContain("method 19:", text, StringComparison.Ordinal);
        Assert.Contains("method 31:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("method 32:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_is_over_soon_shows_nothing()
    {
        var written = new SharedWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written) });
        await using (var bars = ProgressBars.Start(console, TimeSpan.FromHours(1)))
        {
            bars.Report(new WorkProgress("model.safetensors", 50, 100, WorkUnit.Bytes));
        }

        Assert.Empty(written.ToString());
    }

    private static IAnsiConsole Terminal(StringWriter written) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
        Out = new AnsiConsoleOutput(written),
    });

    private static async Task UntilAsync(StringWriter written, string text)
    {
        while (!written.ToString().Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(20);
        }
    }

    /// <summary>A text that is read while the bars' thread writes it.</summary>
    private sealed class SharedWriter : StringWriter
    {
        private readonly Lock _lock = new();

        public override void Write(char value)
        {
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override void Write(char[] buffer, int index, int count)
        {
            lock (_lock)
            {
                base.Write(buffer, index, count);
            }
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_lock)
            {
                base.Write(buffer);
            }
        }

        public override void Write(string? value)
        {
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return base.ToString();
            }
        }
    }
}
