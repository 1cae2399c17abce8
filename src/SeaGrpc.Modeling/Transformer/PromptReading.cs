using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>A decoder that has read a prompt. Shared by all that read the same one; its tensors go with the last of them.</summary>
public sealed class PromptReading : IDisposable
{
    private readonly PromptReadings _owner;
    private KeyValueCache? _cache;
    private Tensor? _last;
    private int _users = 1;

    internal PromptReading(PromptReadings owner, int[] ids)
    {
        _owner = owner;
        Ids = ids;
    }

    /// <summary>The frozen keys and values of the whole prompt, one row.</summary>
    public KeyValueCache Cache => _cache ?? throw new InvalidOperationException("The prompt has not been read.");

    /// <summary>The hidden state at the prompt's last position: [1, 1, hidden].</summary>
    public Tensor Last => _last ?? throw new InvalidOperationException("The prompt has not been read.");

    internal int[] Ids { get; }

    internal bool IsReady => _cache is not null;

    /// <summary>One use less.</summary>
    public void Dispose()
    {
        if (--_users == 0)
        {
            _owner.Forget(this);
            _cache?.Dispose();
            _last?.Dispose();
        }
    }

    internal PromptReading Shared()
    {
        _users++;
        return this;
    }

    internal void Complete(KeyValueCache read, Tensor lastState) => (_cache, _last) = (read, lastState);
}
