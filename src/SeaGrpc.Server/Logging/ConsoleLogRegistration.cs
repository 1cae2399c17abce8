using Microsoft.Extensions.Logging.Console;

namespace SeaGrpc.Server.Logging;

/// <summary>Replaces .NET's console log with <see cref="ConsoleLog"/>, whose timestamps include date and time zone.</summary>
internal static class ConsoleLogRegistration
{
    private const string IncludeScopes = "Logging:Console:FormatterOptions:IncludeScopes";
    private const string Utc = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const string Local = "yyyy-MM-dd'T'HH:mm:ss.fffzzz";

    /// <summary>Adds the log. .NET's formatters and their options remain.</summary>
    public static void AddConsoleLog(this ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddConsole();
        foreach (ServiceDescriptor itsOwn in logging.Services.Where(service => service.ImplementationType == typeof(ConsoleLoggerProvider))
            .ToArray())
        {
            logging.Services.Remove(itsOwn);
        }

        logging.Services.AddSingleton<ILoggerProvider, ConsoleLog>();
        logging.Services.PostConfigure<SimpleConsoleFormatterOptions>(options => options.TimestampFormat ??= $"{Form(options)} ");
        logging.Services.AddOptions<JsonConsoleFormatterOptions>().PostConfigure<IConfiguration>((options, settings) =>
        {
            options.TimestampFormat ??= Form(options);
            options.IncludeScopes |= settings[IncludeScopes] is null; // They hold the trace and span ids of a call.
        });
    }

    /// <summary>An RFC 3339 format.</summary>
    private static string Form(ConsoleFormatterOptions options) => options.UseUtcTimestamp ? Utc : Local;
}
