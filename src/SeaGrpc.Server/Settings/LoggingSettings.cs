using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging.Console;

namespace SeaGrpc.Server.Settings;

/// <summary>
/// The valid settings of section Logging. .NET reads the section, but accepts unknown names silently: an unknown formatter would log in
/// another format.
/// </summary>
internal sealed record LoggingSettings : IValidatableObject
{
    public Dictionary<string, LogLevel> LogLevel { get; init; } = [];

    public bool IncludeScopes { get; init; }

    public ConsoleSettings Console { get; init; } = new();

    public ProviderSettings Debug { get; init; } = new();

    public ProviderSettings EventSource { get; init; } = new();

    public ProviderSettings EventLog { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Console.MaxQueueLength is < 1 or > ConsoleSettings.LongestQueue)
        {
            yield return new ValidationResult(
                $"It must be from 1 to {ConsoleSettings.LongestQueue} lines.",
                [$"{nameof(Console)}:{nameof(ConsoleSettings.MaxQueueLength)}"]);
        }

        if (!IsTimestampFormat(Console.FormatterOptions.TimestampFormat))
        {
            yield return new ValidationResult(
                "It is not a date and time format; an example is yyyy-MM-ddTHH:mm:ssZ.",
                [$"{nameof(Console)}:{nameof(ConsoleSettings.FormatterOptions)}:{nameof(FormatterSettings.TimestampFormat)}"]);
        }
    }

    private static bool IsTimestampFormat(string? format)
    {
        try
        {
            _ = DateTimeOffset.UnixEpoch.ToString(format);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The console's formatters.</summary>
    internal enum Formatter
    {
        Simple,
        Json,
        Systemd,
    }

    internal record ProviderSettings
    {
        public Dictionary<string, LogLevel> LogLevel { get; init; } = [];
    }

    internal sealed record ConsoleSettings : ProviderSettings
    {
        public const int LongestQueue = 100_000;

        public Formatter FormatterName { get; init; }

        public FormatterSettings FormatterOptions { get; init; } = new();

        public LogLevel LogToStandardErrorThreshold { get; init; }

        /// <summary>Maximum number of lines that wait while nobody reads them. Further lines are dropped and counted.</summary>
        public int MaxQueueLength { get; init; } = 2500;
    }

    internal sealed record FormatterSettings
    {
        public bool IncludeScopes { get; init; }

        [Verbatim]
        public string? TimestampFormat { get; init; }

        public bool UseUtcTimestamp { get; init; }

        public bool SingleLine { get; init; }

        public LoggerColorBehavior ColorBehavior { get; init; }

        public JsonSettings JsonWriterOptions { get; init; } = new();
    }

    internal sealed record JsonSettings
    {
        public bool Indented { get; init; }

        public int IndentSize { get; init; }

        public int MaxDepth { get; init; }

        public bool SkipValidation { get; init; }
    }
}
