using System.Runtime.InteropServices;

namespace SeaGrpc.Cli.Runs;

/// <summary>
/// SIGINT and SIGTERM. While there is work that can end early, the first one asks for that (an alignment ends with its best
/// answer so far); every other one ends the process at once (a shell sees 130 or 143).
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource requested = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly Action beforeExit;
    private int signals;
    private volatile bool running;

    /// <summary>Takes both signals over.</summary>
    /// <param name="beforeExit">Runs before the process ends.</param>
    public Interrupts(Action beforeExit)
    {
        this.beforeExit = beforeExit;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    /// <summary>Is cancelled when the user has asked for an early end.</summary>
    public CancellationToken Requested => requested.Token;

    /// <summary>From now on there is work that can end early.</summary>
    public void WorkStarts() => running = true;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        requested.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (running && Interlocked.Increment(ref signals) == 1)
        {
            context.Cancel = true;
            requested.Cancel();
            return;
        }

        // The signal then ends the process itself: an orderly exit would tear libtorch down under the model thread.
        beforeExit();
    }
}
