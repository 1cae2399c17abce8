using Microsoft.Extensions.Logging;
using SeaGrpc.Modeling;
using SeaGrpc.Server.Models;
using SeaGrpc.Testing.Time;

namespace SeaGrpc.FunctionalTests;

/// <summary>What the log says of a folder that is being loaded.</summary>
public sealed class LoadingReportTests
{
    private const long GiB = 1L << 30;

    [Fact]
    public void The_start_of_every_folder_is_told_and_how_far_it_is_every_five_seconds()
    {
        var clock = new ManualTimeProvider();
        var log = new Lines();
        var report = new LoadingReport(log, clock, CancellationToken.None);
        report.Report(new LoadState("/models/policy", 0, 4 * GiB));
        Read("/models/policy", seconds: 4.9, GiB);
        Read("/models/policy", seconds: 0.1, GiB + (GiB / 2));
        Read("/models/policy", seconds: 4, 2 * GiB);
        Read("/models/policy", seconds: 1, 3 * GiB);
        Read("/models/policy", seconds: 5, 4 * GiB);
        Read("/models/reward", seconds: 0.2, 0, total: 3 << 20);
        Read("/models/reward", seconds: 5, 1 << 20, total: 3 << 20);
        Assert.Equal(
            [
                "Loading /models/policy: 4.0 GiB of weights.",
                "Loading /models/policy: 37 % of 4.0 GiB read.",
                "Loading /models/policy: 75 % of 4.0 GiB read.",
                "Loading /models/reward: 3.0 MiB of weights.",
                "Loading /models/reward: 33 % of 3.0 MiB read.",
            ],
            log.Told);

        void Read(string folder, double seconds, long read, long total = 4 * GiB)
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
            report.Report(new LoadState(folder, read, total));
        }
    }

    [Fact]
    public void A_stop_ends_the_loading()
    {
        using var stop = new CancellationTokenSource();
        var report = new LoadingReport(new Lines(), new ManualTimeProvider(), stop.Token);
        report.Report(new LoadState("/models/policy", 0, GiB));
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => report.Report(new LoadState("/models/policy", 1, GiB)));
    }

    private sealed class Lines : ILogger
    {
        public List<string> Told { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Told.Add(formatter(state, exception));
    }
}
