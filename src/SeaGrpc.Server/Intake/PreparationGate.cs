namespace SeaGrpc.Server.Intake;

/// <summary>
/// Lets few calls at a time make objects, texts and tokens of their messages, which take many times a message's bytes. The others wait
/// meanwhile, in the order in which they came, with the bytes alone; long messages hold up none but each other. Thread-safe.
/// </summary>
internal sealed class PreparationGate : IDisposable
{
    private const int LongBytes = 256 * 1024;
    private readonly SemaphoreSlim _long = new(1);
    private readonly SemaphoreSlim _others = new(2);

    /// <summary>The places of messages of this size: one is taken by waiting, and given back by a release.</summary>
    public SemaphoreSlim PlacesFor(long bytes) => bytes > LongBytes ? _long : _others;

    /// <inheritdoc/>
    public void Dispose()
    {
        _long.Dispose();
        _others.Dispose();
    }
}
