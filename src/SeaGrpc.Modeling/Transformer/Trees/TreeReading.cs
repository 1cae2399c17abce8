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

    /// <summary>Reads new positions.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="passes">The positions; all of them follow this reading.</param>
    /// <returns>Hidden states after the final norm [rows, positions, hidden] of each pass, in the caller's scope.</returns>
    internal Tensor[] Read(TransformerDecoder decoder, IReadOnlyList<IdPass> passes)
    {
        UInt128[] names = [.. passes.Select(Name)];
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
            Tensor states = hidden[index] ?? Recall(decoder, pass, names[index]);
            if (!pass.Cache.IsFrozen)
            {
                pass.Cache.Follow(this, [.. rows[index].Select((row, at) => row.Then(names[index], at, (int)pass.Ids.shape[1]))]);
            }

            return states;
        })];
    }

    // What was found may have been freed for what was read since.
    private Tensor Recall(TransformerDecoder decoder, IdPass pass, UInt128 name)
    {
        if (_tree.Find(name) is not { } kept)
        {
            return decoder.ReadAnew([pass])[0];
        }

        _onReused(pass.Ids.NumberOfElements);
        return kept.Recall(pass);
    }

    private static ReadRow[] Rows(IdPass pass) => [.. pass.Cache.IsFrozen ? [ReadRow.Empty] : pass.Cache.ReadRows];

    private static UInt128 Name(IdPass pass)
    {
        using var scope = NewDisposeScope();
        ReadRow[] rows = Rows(pass);
        long[] ids = pass.Ids.cpu().contiguous().data<long>().ToArray();
        int[] shape =
        [
            rows.Length, (int)pass.Ids.shape[0], (int)pass.Ids.shape[1], pass.Kept, pass.Cache.LentLength, pass.Cache.IsFrozen ? 1 : 0,
        ];
        byte[] all = new byte[(shape.Length * sizeof(int)) + (rows.Length * ReadRow.Bytes) + (ids.Length * sizeof(long))];
        MemoryMarshal.AsBytes<int>(shape).CopyTo(all);
        int at = shape.Length * sizeof(int);
        foreach (ReadRow row in rows)
        {
            row.Write(all.AsSpan(at));
            at += ReadRow.Bytes;
        }

        MemoryMarshal.AsBytes<long>(ids).CopyTo(all.AsSpan(at));
        return MemoryMarshal.Read<UInt128>(SHA256.HashData(all));
    }
}
