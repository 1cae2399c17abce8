using System.Runtime.InteropServices;

namespace SeaGrpc.Modeling.Transformer.Trees;

/// <summary>
/// A row of tokens after a prompt, as the passes that read them. Its keys and values are the same numbers wherever it occurs. Plain
/// numbers.
/// </summary>
internal sealed class ReadRow
{
    /// <summary>Size of <see cref="Write"/> in bytes.</summary>
    public const int Bytes = 24;

    /// <summary>The row without tokens.</summary>
    public static readonly ReadRow Empty = new(null, default, 0, 0);

    private readonly ReadRow? _before;
    private readonly UInt128 _pass;
    private readonly int _row;

    private ReadRow(ReadRow? before, UInt128 pass, int row, int length)
    {
        _before = before;
        _pass = pass;
        _row = row;
        Length = length;
    }

    /// <summary>Number of tokens.</summary>
    public int Length { get; }

    /// <summary>The row after another pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="row">Its row of the pass.</param>
    /// <param name="positions">Positions of the pass.</param>
    public ReadRow Then(UInt128 pass, int row, int positions) => new(this, pass, row, Length + positions);

    /// <summary>The row with fewer tokens.</summary>
    /// <param name="length">How many; at most its own.</param>
    public ReadRow At(int length)
    {
        ReadRow last = this;
        while (last._before is { } earlier && earlier.Length >= length)
        {
            last = earlier;
        }

        return last.Length == length ? last : new ReadRow(last._before, last._pass, last._row, length);
    }

    /// <summary>Writes what tells it from other rows.</summary>
    /// <param name="target">Receives <see cref="Bytes"/> bytes.</param>
    public void Write(Span<byte> target)
    {
        MemoryMarshal.Write(target, in _pass);
        BitConverter.TryWriteBytes(target[16..], _row);
        BitConverter.TryWriteBytes(target[20..], Length);
    }
}
