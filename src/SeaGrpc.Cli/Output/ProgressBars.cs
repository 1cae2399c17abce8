using System.Runtime.InteropServices;
using Spectre.Console;

namespace SeaGrpc.Cli.Output;

/// <summary>
/// One bar for each piece of work, on standard error, without colours under NO_COLOR. Nothing is shown of work that ends within two
/// seconds, and nothing at all where standard error is no terminal. Thread-safe. One at a time.
/// </summary>
internal sealed class ProgressBars : IProgress<WorkProgress>, IAsyncDisposable, IDisposable
{
    /// <summary>Bars at once: of more work than that, what is over and what has not begun have none.</summary>
    private const int MostBars = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<string> _names = [];
    private readonly Dictionary<string, WorkProgress> _work = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly IAnsiConsole? _console;
    private readonly Task _drawing;

    private ProgressBars(IAnsiConsole? console, TimeSpan patience)
    {
        _console = console;
        _drawing = console is null ? Task.CompletedTask : DrawAsync(console, patience);
        Output = console is null || Console.IsOutputRedirected ? Console.Out : new ConsoleLines(console);
    }

    /// <summary>Standard output. Where it is the terminal that has the bars, lines appear above them.</summary>
    public TextWriter Output { get; }

    /// <summary>Starts to wait for reports.</summary>
    /// <param name="isQuiet">Whether nothing is shown, because standard error has something else.</param>
    public static ProgressBars Start(bool isQuiet = false) => new(isQuiet ? null : TerminalSettings.OpenError(), Patience);

    /// <summary>Starts on a console of the caller's.</summary>
    /// <param name="console">Where the bars are drawn.</param>
    /// <param name="patience">What ends sooner is not shown.</param>
    public static ProgressBars Start(IAnsiConsole console, TimeSpan patience) => new(console, patience);

    /// <summary>Does one piece of work of unknown length.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="work">The work.</param>
    public static T While<T>(string name, Func<T> work)
    {
        using ProgressBars bars = Start();
        bars.Report(new WorkProgress(name));
        return work();
    }

    /// <summary>Tells how far something is.</summary>
    public void Report(WorkProgress value)
    {
        lock (_gate)
        {
            if (!_work.ContainsKey(value.Name))
            {
                _names.Add(value.Name);
            }

            _work[value.Name] = value;
        }
    }

    /// <summary>Receives another form of progress.</summary>
    /// <param name="describe">The same as work.</param>
    public IProgress<T> Of<T>(Func<T, WorkProgress> describe) => new Described<T>(this, describe);

    /// <summary>Writes a line to standard error, above the bars.</summary>
    public void WriteLine(string text)
    {
        if (_console is null)
        {
            Console.Error.WriteLine(text);
        }
        else
        {
            _console.WriteLine(text);
        }
    }

    /// <summary>Removes the bars: the work has ended.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _drawing;
    }

    /// <inheritdoc cref="EndAsync"/>
    public void End() => EndAsync().GetAwaiter().GetResult();

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

        // A signal that ends the process leaves the terminal with its cursor.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => console.Cursor.Show());
        using PosixSignalRegistration end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => console.Cursor.Show());
        await console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new KnownColumn(new PercentageColumn()),
                new KnownColumn(new AmountColumn()), new KnownColumn(new RemainingTimeColumn()))
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
            bool areMany = _names.Count > MostBars;
            foreach (WorkProgress work in _names.Select(name => _work[name]))
            {
                if (areMany && work.IsOver)
                {
                    if (bars.Remove(work.Name, out ProgressTask? over))
                    {
                        context.RemoveTask(over);
                    }
                }
                else if (bars.TryGetValue(work.Name, out ProgressTask? bar))
                {
                    Set(bar, work);
                }
                else if (bars.Count < MostBars)
                {
                    bars[work.Name] = bar = context.AddTask(Markup.Escape(MarkedText.Printable(work.Name)));
                    Set(bar, work);
                }
            }
        }
    }

    private static void Set(ProgressTask bar, WorkProgress work)
    {
        bar.Tag = work.Unit;
        bar.IsIndeterminate = work.Total is null;
        bar.MaxValue = Math.Max(1, work.Total ?? 1);
        bar.Value = work.Total == 0 ? 1 : work.Done;
    }

    private async Task<bool> IsStillAtWorkAsync(TimeSpan wait)
    {
        await Task.Delay(wait, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_ended.IsCancellationRequested;
    }

    private sealed class Described<T>(ProgressBars bars, Func<T, WorkProgress> describe) : IProgress<T>
    {
        public void Report(T value) => bars.Report(describe(value));
    }
}
