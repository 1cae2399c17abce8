using System.Globalization;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Logging;

namespace SeaGrpc.Server.Models;

/// <summary>
/// Logs what is being loaded and how far it has come, at most every five seconds, and hands all of it to a watcher, if there is one.
/// Cancels loading when the server stops. Thread-safe.
/// </summary>
internal sealed class LoadingReport(
    ILogger logger, TimeProvider time, CancellationToken stop, IProgress<LoadState>? watcher = null)
    : IProgress<LoadState>
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private string? _folder;
    private long _told;

    /// <exception cref="OperationCanceledException">The server is stopping.</exception>
    public void Report(LoadState value)
    {
        stop.ThrowIfCancellationRequested();
        watcher?.Report(value);
        bool isNew;
        lock (_gate)
        {
            isNew = value.Folder != _folder;
            if (!isNew && (time.GetElapsedTime(_told) < Pace || value.ReadBytes >= value.TotalBytes))
            {
                return;
            }

            _folder = value.Folder;
            _told = time.GetTimestamp();
        }

        if (isNew)
        {
            logger.Loading(value.Folder, Size(value.TotalBytes));
        }
        else
        {
            logger.LoadingContinues(value.Folder, 100 * value.ReadBytes / value.TotalBytes, Size(value.TotalBytes));
        }
    }

    private static string Size(long bytes) => bytes >= 1 << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB");
}
