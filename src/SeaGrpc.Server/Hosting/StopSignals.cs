using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Hosting;

/// <summary>Handles SIGTERM, Ctrl-C and SIGQUIT. The first shuts down gracefully, the second ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int FirstOfSignals = 128; // A shell reports the end of a process by a signal as this plus the signal's number.
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Take(signal, 15)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Take(signal, 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal => Take(signal, 3)),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Take(PosixSignalContext signal, int number)
    {
        signal.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            ProcessEnd.Now(FirstOfSignals + number);
        }

        // Asynchronous, because cancelling runs the callbacks in place and the next signal must be handled meanwhile.
        _ = _stop.CancelAsync();
    }
}
