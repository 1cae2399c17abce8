using SeaGrpc.Modeling.Transformer.Trees;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>A prompt that a decoder has read. It is shared by all users of the same prompt; the last one frees its tensors.</summary>
public sealed class PromptReading : IDisposable
{
    private readonly PromptReadings _owner;
    private KeyValueCache? _cache;
    private Tensor? _last;
    private readonly KeptReadings _kept;
    private readonly ReadingTree _tree;
    private int _users = 1;

    internal PromptReading(PromptReadings owner, int[] ids, KeptReadings kept, bool inPlace)
    {
        _owner = owner;
        _tree = new ReadingTree(kept, inPlace);
        _kept = kept;
        Ids = ids;
    }

    /// <summary>The frozen keys and values of the whole prompt, one row.</summary>
    public KeyValueCache Cache => _cache ?? throw new InvalidOperationException("The prompt has not been read.");

    /// <summary>The hidden state at the prompt's last position: [1, 1, hidden].</summary>
    public Tensor Last => _last ?? throw new InvalidOperationException("The prompt has not been read.");

    /// <summary>States above the layers that other models have in common [1, positions, hidden]; null if there are none.</summary>
    internal Tensor? Middle { get; private set; }

    internal int[] Ids { get; }

    /// <summary>What runs with this prompt have read of responses; null if nothing is kept.</summary>
    internal ReadingTree? Responses => _kept.Limit > 0 ? _tree : null;

    internal bool IsReady => _cache is not null;

    /// <summary>Releases one use.</summary>
    public void Dispose()
    {
        if (--_users == 0)
        {
            _owner.Forget(this);
            _tree.Dispose();
            _cache?.Dispose();
            _last?.Dispose();
            Middle?.Dispose();
        }
    }

    internal PromptReading Shared()
    {
        _users++;
        return this;
    }

    internal void Complete(KeyValueCache read, Tensor lastState, Tensor? middle) => (_cache, _last, Middle) = (read, lastState, middle);
}
