using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Hosting;

/// <summary>Handles SIGHUP: the models are loaded again while calls are served. It never ends the process.</summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly PosixSignalRegistration _registration;

    /// <summary>Begins to handle it.</summary>
    /// <param name="reload">Called for each signal, on any thread; must not wait.</param>
    public ReloadSignal(Action reload) => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        reload();
    });

    public void Dispose() => _registration.Dispose();
}
