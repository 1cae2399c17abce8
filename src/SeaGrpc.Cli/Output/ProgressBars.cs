using Spectre.Console;

namespace SeaGrpc.Cli.Output;

/// <summary>
/// One bar for each thing that is being read or received, on standard error. Nothing is shown of work that ends within two seconds, and
/// nothing at all where standard error is no terminal. Thread-safe.
/// </summary>
internal sealed class ProgressBars : IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<string> _names = [];
    private readonly Dictionary<string, (long Done, long Total)> _work = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly IAnsiConsole? _console;
    private readonly Task _drawing;

    private ProgressBars(IAnsiConsole? console, TimeSpan patience)
    {
        _console = console;
        _drawing = console is null ? Task.CompletedTask : DrawAsync(console, patience);
    }

    /// <summary>Starts to wait for reports.</summary>
    public static ProgressBars Start() => new(
        TerminalSettings.IsErrorRich
            ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
            : null,
        Patience);

    /// <summary>Starts on a console of the caller's.</summary>
    /// <param name="console">Where the bars are drawn.</param>
    /// <param name="patience">What ends sooner is not shown.</param>
    public static ProgressBars Start(IAnsiConsole console, TimeSpan patience) => new(console, patience);

    /// <summary>Tells how far something is.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="done">Bytes that are there.</param>
    /// <param name="total">Bytes in all.</param>
    public void Report(string name, long done, long total)
    {
        lock (_gate)
        {
            if (!_work.ContainsKey(name))
            {
                _names.Add(name);
            }

            _work[name] = (done, total);
        }
    }

    /// <summary>Shows the cursor again, before the process ends at once.</summary>
    public void Clear() => _console?.Cursor.Show();

    /// <summary>Removes the bars: the work has ended.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _drawing;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _ended.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task DrawAsync(IAnsiConsole console, TimeSpan patience)
    {
        if (!await IsStillAtWorkAsync(patience))
        {
            return;
        }

        await console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new DownloadedColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bars = new Dictionary<string, ProgressTask>();
                do
                {
                    Update(context, bars);
                }
                while (await IsStillAtWorkAsync(RedrawInterval));
            });
    }

    private void Update(ProgressContext context, Dictionary<string, ProgressTask> bars)
    {
        lock (_gate)
        {
            foreach (string name in _names)
            {
                (long done, long total) = _work[name];
                if (!bars.TryGetValue(name, out ProgressTask? bar))
                {
                    bars[name] = bar = context.AddTask(Markup.Escape(MarkedText.Printable(name)));
                }

                bar.MaxValue = Math.Max(1, total);
                bar.Value = total == 0 ? 1 : done;
            }
        }
    }

    private async Task<bool> IsStillAtWorkAsync(TimeSpan wait)
    {
        await Task.Delay(wait, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_ended.IsCancellationRequested;
    }
}
