using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>A decoder that has read a prompt. Shared by all that read the same one; its tensors go with the last of them.</summary>
public sealed class PromptReading : IDisposable
{
    private readonly PromptReadings owner;
    private KeyValueCache? cache;
    private Tensor? last;
    private int users = 1;

    internal PromptReading(PromptReadings owner, int[] ids)
    {
        this.owner = owner;
        Ids = ids;
    }

    /// <summary>The frozen keys and values of the whole prompt, one row.</summary>
    public KeyValueCache Cache => cache ?? throw new InvalidOperationException("The prompt has not been read.");

    /// <summary>The hidden state at the prompt's last position: [1, 1, hidden].</summary>
    public Tensor Last => last ?? throw new InvalidOperationException("The prompt has not been read.");

    internal int[] Ids { get; }

    internal bool IsReady => cache is not null;

    /// <summary>One use less.</summary>
    public void Dispose()
    {
        if (--users == 0)
        {
            owner.Forget(this);
            cache?.Dispose();
            last?.Dispose();
        }
    }

    internal PromptReading Shared()
    {
        users++;
        return this;
    }

    internal void Complete(KeyValueCache read, Tensor lastState) => (cache, last) = (read, lastState);
}
