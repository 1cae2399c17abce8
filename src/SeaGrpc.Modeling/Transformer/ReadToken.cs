using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SeaGrpc.Modeling.Transformer;

/// <summary>A token after a prompt and other tokens: the responses of a run form a tree of them. Plain numbers.</summary>
public sealed class ReadToken
{
    private readonly ReadToken? _before;
    private readonly int _depth;
    private readonly long _id;
    private Dictionary<long, ReadToken>? _next;
    private UInt128? _path;

    /// <summary>The end of the prompt.</summary>
    internal ReadToken()
    {
    }

    /// <summary>A token that the one before it does not know, so that nothing holds it when its row is gone.</summary>
    /// <param name="before">The token before it.</param>
    /// <param name="id">The token.</param>
    internal ReadToken(ReadToken before, long id)
    {
        _before = before;
        _depth = before._depth + 1;
        _id = id;
    }

    /// <summary>The place where its numbers were stored last, or -1.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>A name of all tokens after the prompt up to this one, which no others have.</summary>
    internal UInt128 Path => _path ??= _before is null ? 0 : NameOf(_before.Path, _id);

    /// <summary>The same token path with one more token, always the same object.</summary>
    public ReadToken Then(long id)
    {
        _next ??= [];
        if (!_next.TryGetValue(id, out ReadToken? next))
        {
            next = new ReadToken(this, id);
            _next.Add(id, next);
        }

        return next;
    }

    /// <summary>The token on the path to this one with a given depth, which is at most its own.</summary>
    public ReadToken At(int count)
    {
        ReadToken token = this;
        for (int steps = _depth - count; steps > 0; steps--)
        {
            token = token._before!;
        }

        return token;
    }

    private static UInt128 NameOf(UInt128 before, long id)
    {
        Span<byte> all = stackalloc byte[24];
        MemoryMarshal.Write(all, in before);
        BitConverter.TryWriteBytes(all[16..], id);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(all, hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
