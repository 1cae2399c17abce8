using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Transformer.Trees;

/// <summary>
/// One job's passes over responses to a prompt: a pass that any job with that prompt has done is not done again, as long as its results are
/// kept. Not thread-safe.
/// </summary>
/// <remarks>
/// A pass is found by everything that its numbers depend on: the passes that read each of its rows before it, and all of its ids. So its
/// results are those that this job would have computed, and an answer does not depend on what other jobs have read. The same token in
/// another pass, beside other rows, has other last bits and is read for itself.
/// </remarks>
public sealed class TreeReading
{
    private readonly ReadingTree _tree;
    private readonly Action<long> _onReused;

    internal TreeReading(ReadingTree tree, int promptTokens, Action<long> onReused)
    {
        _tree = tree;
        PromptTokens = promptTokens;
        _onReused = onReused;
    }

    internal int PromptTokens { get; }

    /// <summary>The name of a pass: whatever its numbers depend on, as one number.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="other">What they depend on beside the passes that read each row before, and the ids.</param>
    internal static UInt128 NameOf(IdPass pass, ReadOnlySpan<byte> other = default)
    {
        using var scope = NewDisposeScope();
        ReadRow[] rows = Rows(pass);
        long[] ids = pass.Ids.cpu().contiguous().data<long>().ToArray();
        int[] shape =
        [
            rows.Length, (int)pass.Ids.shape[0], (int)pass.Ids.shape[1], pass.Kept, pass.Cache.LentLength, pass.Cache.IsFrozen ? 1 : 0,
        ];
        byte[] all = new byte[(shape.Length * sizeof(int)) + (rows.Length * ReadRow.Bytes) + (ids.Length * sizeof(long)) + other.Length];
        MemoryMarshal.AsBytes<int>(shape).CopyTo(all);
        int at = shape.Length * sizeof(int);
        foreach (ReadRow row in rows)
        {
            row.Write(all.AsSpan(at));
            at += ReadRow.Bytes;
        }

        MemoryMarshal.AsBytes<long>(ids).CopyTo(all.AsSpan(at));
        other.CopyTo(all.AsSpan(all.Length - other.Length));
        return MemoryMarshal.Read<UInt128>(SHA256.HashData(all));
    }

    /// <summary>Each row of a pass as it was read before.</summary>
    internal static ReadRow[] Rows(IdPass pass) => [.. pass.Cache.IsFrozen ? [ReadRow.Empty] : pass.Cache.ReadRows];

    /// <summary>Waits while another job does one of some passes.</summary>
    internal void Await(IReadOnlyList<UInt128> names) => _tree.Await(names);

    /// <summary>Tells other jobs that passes are being done, until the result is disposed.</summary>
    internal IDisposable Begin(IReadOnlyList<UInt128> names) => _tree.Begin(names);

    /// <summary>Keeps the results of a pass, if there is room.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="hidden">Its hidden states [rows, positions, hidden].</param>
    /// <param name="middle">Its states above common layers [rows, positions, hidden]; null if there are none.</param>
    internal void Keep(UInt128 name, IdPass pass, Tensor hidden, Tensor? middle = null) => _tree.Keep(name, pass, hidden, middle);

    /// <summary>Takes the results of a pass that has been done, which writes to its cache what the pass would have.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="name">Its name.</param>
    /// <param name="known">Number of its positions that the job need not read in any case, because it has.</param>
    /// <returns>Its hidden states, and those above common layers, in the caller's scope; null if they are not kept.</returns>
    internal (Tensor Hidden, Tensor? Middle)? Recall(IdPass pass, UInt128 name, long known = 0)
    {
        if (_tree.Find(name) is not { } kept)
        {
            return null;
        }

        _onReused(pass.Ids.NumberOfElements - known);
        return (kept.Recall(pass), kept.Middle?.alias());
    }

    /// <summary>Notes that a pass was done or recalled.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="name">Its name.</param>
    /// <param name="rows">Its rows as they were read before.</param>
    internal void Follow(IdPass pass, UInt128 name, IReadOnlyList<ReadRow> rows)
    {
        if (!pass.Cache.IsFrozen)
        {
            pass.Cache.Follow(this, [.. rows.Select((row, at) => row.Then(name, at, (int)pass.Ids.shape[1]))]);
        }
    }

    /// <summary>Reads new positions.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="passes">The positions; all of them follow this reading.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden] of each pass, in the caller's scope.</returns>
    internal Tensor[] Read(TransformerDecoder decoder, IReadOnlyList<IdPass> passes)
    {
        UInt128[] names = [.. passes.Select(pass => NameOf(pass))];
        ReadRow[][] rows = [.. passes.Select(Rows)];
        _tree.Await(names);
        var hidden = new Tensor?[passes.Count];
        int[] unread =
            [.. Enumerable.Range(0, passes.Count).Where(index => _tree.Find(names[index]) is null).DistinctBy(index => names[index])];
        if (unread.Length > 0)
        {
            using IDisposable work = _tree.Begin([.. unread.Select(index => names[index])]);
            Tensor[] read = decoder.ReadAnew([.. unread.Select(index => passes[index])]);
            foreach ((int place, int index) in unread.Index())
            {
                hidden[index] = read[place];
                _tree.Keep(names[index], passes[index], read[place]);
            }
        }

        return [.. passes.Select((pass, index) =>
        {
            // What was found may have been freed for what was read since.
            Tensor states = hidden[index] ?? Recall(pass, names[index])?.Hidden ?? decoder.ReadAnew([pass])[0];
            Follow(pass, names[index], rows[index]);
            return states;
        })];
    }
}
