using SeaGrpc.Modeling.Batching;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Trees;

/// <summary>
/// The passes over responses to one prompt that a decoder has done for the jobs with that prompt. Each follows the passes that read the
/// tokens before its own, so they form a tree. Owns their results.
/// </summary>
/// <param name="kept">The memory for them.</param>
internal sealed class ReadingTree(KeptReadings kept) : IDisposable
{
    private readonly Dictionary<UInt128, KeptPass> _passes = [];
    private readonly Dictionary<UInt128, TaskCompletionSource<bool>> _underWay = [];

    /// <summary>Waits while another job does one of some passes.</summary>
    /// <param name="names">The passes.</param>
    public void Await(IReadOnlyList<UInt128> names)
    {
        while (JobLane.Current is not null
            && names.Where(_underWay.ContainsKey).Select(name => _underWay[name]).FirstOrDefault() is { } other)
        {
            OutsideWork.Await(_ => other.Task);
        }
    }

    /// <summary>Tells other jobs that passes are being done, until the result is disposed.</summary>
    /// <param name="names">The passes.</param>
    public IDisposable Begin(IReadOnlyList<UInt128> names)
    {
        var work = new Work(this, names);
        foreach (UInt128 name in names)
        {
            _underWay.TryAdd(name, work.Done);
        }

        return work;
    }

    /// <summary>The results of a pass; null if there are none.</summary>
    public KeptPass? Find(UInt128 name)
    {
        if (!_passes.TryGetValue(name, out KeptPass? pass))
        {
            return null;
        }

        kept.Use(pass);
        return pass;
    }

    /// <summary>Keeps the results of a pass, if there is room.</summary>
    /// <param name="name">Its name, which is new.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="hidden">Its hidden states [rows, positions, hidden].</param>
    /// <param name="middle">Its states above common layers [rows, positions, hidden]; null if there are none.</param>
    public void Keep(UInt128 name, IdPass pass, Tensor hidden, Tensor? middle = null)
    {
        if (kept.Limit > 0 && !_passes.ContainsKey(name))
        {
            KeptPass own = KeptPass.Of(this, name, pass, hidden, middle);
            _passes.Add(name, own);
            kept.Add(own);
        }
    }

    /// <summary>Forgets a pass that is being freed.</summary>
    public void Forget(KeptPass pass) => _passes.Remove(pass.Name);

    public void Dispose()
    {
        foreach (KeptPass pass in _passes.Values.ToArray())
        {
            kept.Remove(pass);
        }
    }

    private sealed class Work(ReadingTree tree, IReadOnlyList<UInt128> names) : IDisposable
    {
        public TaskCompletionSource<bool> Done { get; } = new();

        public void Dispose()
        {
            foreach (UInt128 name in names.Where(name => tree._underWay.TryGetValue(name, out var other) && other == Done))
            {
                tree._underWay.Remove(name);
            }

            Done.SetResult(true);
        }
    }
}
