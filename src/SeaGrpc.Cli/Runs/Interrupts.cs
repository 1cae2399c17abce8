using System.Runtime.InteropServices;

namespace SeaGrpc.Cli.Runs;

/// <summary>
/// SIGINT and SIGTERM. While there is work that can end early, the first one asks for that (an alignment ends with its best
/// answer so far); every other one ends the process at once (a shell sees 130 or 143).
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _beforeExit;
    private int _signals;
    private volatile bool _running;

    /// <summary>Takes both signals over.</summary>
    /// <param name="beforeExit">Runs before the process ends.</param>
    public Interrupts(Action beforeExit)
    {
        _beforeExit = beforeExit;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    /// <summary>Is cancelled when the user has asked for an early end.</summary>
    public CancellationToken Requested => _requested.Token;

    /// <summary>From now on there is work that can end early.</summary>
    public void WorkStarts() => _running = true;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _requested.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_running && Interlocked.Increment(ref _signals) == 1)
        {
            context.Cancel = true;
            _requested.Cancel();
            return;
        }

        // The signal then ends the process itself: an orderly exit would tear libtorch down under the model thread.
        _beforeExit();
    }
}
