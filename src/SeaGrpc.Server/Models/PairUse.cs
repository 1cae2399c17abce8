using Grpc.Core;
using SeaGrpc.Serving;

namespace SeaGrpc.Server.Models;

/// <summary>The use of loaded models by one call: they are not unloaded before it is disposed.</summary>
internal sealed class PairUse : IDisposable
{
    private readonly LoadedPair _loaded;
    private int _isOver;

    private PairUse(LoadedPair loaded) => _loaded = loaded;

    /// <summary>The pair's name.</summary>
    public string Name => _loaded.Name;

    /// <summary>Runs the alignments.</summary>
    public AlignmentEngine Engine => _loaded.Engine;

    /// <summary>The loaded models.</summary>
    public ServedModels Served => _loaded.Served;

    /// <summary>Begins a use; null if the models are being unloaded.</summary>
    public static PairUse? Begin(LoadedPair loaded) => loaded.TryEnter() ? new PairUse(loaded) : null;

    /// <summary>Another use of the same models, which ends on its own.</summary>
    /// <exception cref="ObjectDisposedException">This one is over.</exception>
    public PairUse Share()
    {
        ObjectDisposedException.ThrowIf(_isOver != 0, this);
        _loaded.Share();
        return new PairUse(_loaded);
    }

    /// <summary>Makes a call run on these models, if it is for their pair.</summary>
    public void Pin(ServerCallContext call) => call.UserState[typeof(PairUse)] = this;

    /// <summary>The models that a call was pinned to; null if it was not.</summary>
    public static PairUse? PinnedTo(ServerCallContext call) =>
        call.UserState.TryGetValue(typeof(PairUse), out object? pinned) ? (PairUse)pinned : null;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _loaded.Leave();
        }
    }
}
