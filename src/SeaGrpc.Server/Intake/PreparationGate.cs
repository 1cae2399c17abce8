namespace SeaGrpc.Server.Intake;

/// <summary>
/// Limits how many calls at a time turn messages into objects, texts and tokens, which take many times the bytes of a message. Other calls
/// wait in order of arrival and hold only bytes. Long messages delay only each other. Thread-safe.
/// </summary>
internal sealed class PreparationGate : IDisposable
{
    private const int LongBytes = 256 * 1024;
    private readonly SemaphoreSlim _long = new(1);
    private readonly SemaphoreSlim _others = new(2);

    /// <summary>The places for messages of this size. Waiting takes a place, and releasing gives it back.</summary>
    public SemaphoreSlim PlacesFor(long bytes) => bytes > LongBytes ? _long : _others;

    /// <inheritdoc/>
    public void Dispose()
    {
        _long.Dispose();
        _others.Dispose();
    }
}
