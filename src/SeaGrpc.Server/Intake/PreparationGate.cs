namespace SeaGrpc.Server.Intake;

/// <summary>
/// Lets few calls at a time make objects, texts and tokens of their messages, which take many times a message's bytes. The others wait meanwhile, in
/// the order in which they came, with the bytes alone. Thread-safe.
/// </summary>
internal sealed class PreparationGate : IDisposable
{
    private const int MostAtOnce = 2;

    private readonly SemaphoreSlim _places = new(MostAtOnce);

    /// <summary>Waits for a place.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _places.WaitAsync(cancellationToken);

    /// <summary>Takes a place, if one is free.</summary>
    public bool TryEnter() => _places.Wait(0);

    /// <summary>Gives a place back.</summary>
    public void Leave() => _places.Release();

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
