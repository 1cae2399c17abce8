namespace SeaGrpc.Modeling.Transformer.Trees;

/// <summary>
/// The memory for what decoders have read of responses and another job may need. What was needed longest ago goes first. Not thread-safe.
/// </summary>
public sealed class KeptReadings
{
    private readonly LinkedList<KeptPass> _passes = [];
    private readonly Dictionary<KeptPass, LinkedListNode<KeptPass>> _places = [];
    private long _limit;

    /// <summary>Maximum of <see cref="HeldBytes"/>; 0 to keep nothing. What exceeds a lower value is freed at once.</summary>
    public long Limit
    {
        get => _limit;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _limit = value;
            MakeRoom(0);
        }
    }

    /// <summary>Memory of what is kept, in bytes.</summary>
    public long HeldBytes { get; private set; }

    internal void Add(KeptPass pass)
    {
        MakeRoom(pass.Bytes);
        if (pass.Bytes > _limit)
        {
            Free(pass);
            return;
        }

        HeldBytes += pass.Bytes;
        _places.Add(pass, _passes.AddLast(pass));
    }

    internal void Use(KeptPass pass)
    {
        LinkedListNode<KeptPass> place = _places[pass];
        _passes.Remove(place);
        _passes.AddLast(place);
    }

    internal void Remove(KeptPass pass)
    {
        _places.Remove(pass, out LinkedListNode<KeptPass>? place);
        _passes.Remove(place!);
        HeldBytes -= pass.Bytes;
        Free(pass);
    }

    private static void Free(KeptPass pass)
    {
        pass.Tree.Forget(pass);
        pass.Dispose();
    }

    private void MakeRoom(long bytes)
    {
        while (_passes.First is { } oldest && HeldBytes + bytes > _limit)
        {
            Remove(oldest.Value);
        }
    }
}
