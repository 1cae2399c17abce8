using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace SeaGrpc.Server.Logging;

/// <summary>
/// The console log, in .NET's formats (section Logging:Console), but without ever blocking a call. .NET's own console log waits for a pipe
/// that nobody reads, or drops lines and reports that elsewhere.
/// </summary>
[ProviderAlias("Console")]
internal sealed class ConsoleLog : ILoggerProvider, ISupportExternalScope
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly ConsoleFormatter _formatter;
    private readonly LogLevel _errorThreshold;
    private readonly LogPipe _output;
    private readonly Lazy<LogPipe> _errors;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ConsoleLog(IEnumerable<ConsoleFormatter> formatters, IOptions<ConsoleLoggerOptions> options)
    {
        string name = options.Value.FormatterName ?? ConsoleFormatterNames.Simple;
        _formatter = formatters.Last(formatter => formatter.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        _errorThreshold = options.Value.LogToStandardErrorThreshold;
        _output = new LogPipe(Console.OpenStandardOutput(), options.Value.MaxQueueLength, DescribeDropped);
        _errors = new Lazy<LogPipe>(() => new LogPipe(Console.OpenStandardError(), options.Value.MaxQueueLength, DescribeDropped));
    }

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        long lost = _output.Close(Patience) + (_errors.IsValueCreated ? _errors.Value.Close(Patience) : 0);
        if (lost > 0)
        {
            LastWords.Write($"{lost} log lines were lost: nobody read them.");
        }
    }

    private string DescribeDropped(long count) => Format(new LogEntry<string>(
        LogLevel.Warning, typeof(ConsoleLog).FullName!, new EventId(107),
        $"{count} log lines were dropped here: nobody read those before them in time.", null, (text, _) => text))!;

    private string? Format<TState>(in LogEntry<TState> entry)
    {
        using var text = new StringWriter();
        _formatter.Write(entry, _scopes, text);
        return text.GetStringBuilder().Length == 0 ? null : text.ToString();
    }

    private void Write<TState>(in LogEntry<TState> entry)
    {
        if (Format(entry) is { } line)
        {
            (entry.LogLevel >= _errorThreshold ? _errors.Value : _output).Write(line);
        }
    }

    private sealed class Category(ConsoleLog log, string name) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log._scopes.Push(state);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(new LogEntry<TState>(logLevel, name, eventId, state, exception, formatter));
    }
}
