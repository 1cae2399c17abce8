namespace SeaGrpc.Server.Intake;

/// <summary>
/// Limits how many messages are turned into objects, texts and tokens at the same time, since these take many times a message's bytes. Waiting messages
/// hold only their bytes and are served in order of arrival. Long messages wait only for each other. Thread-safe.
/// </summary>
internal sealed class PreparationGate : IDisposable
{
    private const int LongBytes = 256 * 1024;

    /// <summary>Bytes of long messages after which their garbage is collected: by then most of it is in the oldest generation, which is rarely collected.</summary>
    private const long CollectionBytes = 4 * 1024 * 1024;

    private readonly SemaphoreSlim _long = new(1);
    private readonly SemaphoreSlim _others = new(2);
    private long _uncollected;

    /// <summary>Waits for a place for a message of this size.</summary>
    public Task EnterAsync(long bytes, CancellationToken cancellationToken) => PlacesFor(bytes).WaitAsync(cancellationToken);

    /// <summary>Takes a place for a message of this size if one is free.</summary>
    public bool TryEnter(long bytes) => PlacesFor(bytes).Wait(0);

    /// <summary>Gives the place of a message of this size back.</summary>
    public void Leave(long bytes)
    {
        if (bytes > LongBytes && Interlocked.Add(ref _uncollected, bytes) >= CollectionBytes)
        {
            Interlocked.Exchange(ref _uncollected, 0);
            GC.Collect();
        }

        PlacesFor(bytes).Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _long.Dispose();
        _others.Dispose();
    }

    private SemaphoreSlim PlacesFor(long bytes) => bytes > LongBytes ? _long : _others;
}
