using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Hosting;

/// <summary>SIGTERM, Ctrl-C and SIGQUIT: the first shuts down in order, the second ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int FirstOfSignals = 128; // A shell's exit code of a process that a signal ended is this and the signal's number.
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Take(signal, 15)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Take(signal, 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal => Take(signal, 3)),
    ];

    /// <summary>Cancelled by the first.</summary>
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

        // Not here: what is cancelled runs its callbacks in place, and the next signal must be taken meanwhile.
        _ = _stop.CancelAsync();
    }
}
