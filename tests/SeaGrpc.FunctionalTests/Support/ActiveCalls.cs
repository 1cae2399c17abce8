using System.Diagnostics.Metrics;

namespace SeaGrpc.FunctionalTests.Support;

/// <summary>How many calls one host is serving, by ASP.NET's own counter of that host.</summary>
internal sealed class ActiveCalls : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _served;
    private long _active;

    /// <summary>Counts from here on.</summary>
    /// <param name="meters">The host's; another host in the process has another one.</param>
    public ActiveCalls(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "http.server.active_requests" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) =>
        {
            Interlocked.Add(ref _active, change);
            Interlocked.Add(ref _served, Math.Max(change, 0));
        });
        _listener.Start();
    }

    /// <summary>Calls that are open.</summary>
    public long Open => Volatile.Read(ref _active);

    /// <summary>Calls that were begun.</summary>
    public long Begun => Volatile.Read(ref _served);

    public void Dispose() => _listener.Dispose();
}
