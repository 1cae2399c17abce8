using System.Buffers.Binary;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Random number generators seeded with all 64 bits of a seed.</summary>
/// <remarks>
/// On the CPU, libtorch's generator is a Mersenne twister that uses only the low 32 bits of a seed. A seed that fits into 32 bits is passed
/// unchanged. For a wider seed, its two halves fill the twister's state by initialisation by array. A CUDA generator uses all 64 bits by
/// itself. Sources: Matsumoto and Nishimura, "Mersenne twister: a 623-dimensionally equidistributed uniform pseudo-random number
/// generator", 1998; init_by_array in their code of 2002.
/// </remarks>
public static class SeededGenerator
{
    /// <summary>Number of words in the twister's state.</summary>
    private const int Words = 624;

    // Layout of the state in libtorch: seed, words left (int), seeded (int), next word, the words with 64 bits each, then cached normal
    // values.
    private const int LeftOffset = 8;
    private const int NextOffset = 16;
    private const int WordsOffset = 24;
    private const int StateBytes = 5056;

    /// <summary>Creates a generator.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="device">Device of the generator; null for the CPU.</param>
    public static Generator Of(ulong seed, Device? device = null)
    {
        var generator = new Generator(seed, device ?? CPU);
        if (seed > uint.MaxValue && generator.device.type == TorchSharp.DeviceType.CPU)
        {
            using var scope = NewDisposeScope();
            generator.set_state(tensor(State(generator.get_state().data<byte>().ToArray(), seed)));
        }

        return generator;
    }

    /// <summary>The state of a freshly seeded generator, with words filled from a seed.</summary>
    private static byte[] State(byte[] fresh, ulong seed)
    {
        if (fresh.Length != StateBytes)
        {
            throw new NotSupportedException(
                $"This libtorch stores a generator's state in {fresh.Length} bytes, not {StateBytes}: "
                    + "seeds of 2^32 and more cannot be used with it; use a smaller seed.");
        }

        BinaryPrimitives.WriteUInt64LittleEndian(fresh, seed);
        BinaryPrimitives.WriteInt32LittleEndian(fresh.AsSpan(LeftOffset), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(fresh.AsSpan(NextOffset), 0);
        uint[] words = Fill((uint)seed, (uint)(seed >> 32));
        for (int index = 0; index < Words; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(fresh.AsSpan(WordsOffset + (index * sizeof(ulong))), words[index]);
        }

        return fresh;
    }

    /// <summary>Initialisation by array from two words.</summary>
    private static uint[] Fill(params ReadOnlySpan<uint> key)
    {
        var words = new uint[Words];
        words[0] = 19650218;
        for (int index = 1; index < Words; index++)
        {
            words[index] = Mixed(words, index - 1, 1812433253) + (uint)index;
        }

        int at = 1;
        for (int step = 0; step < Words; step++)
        {
            words[at] = (words[at] ^ Mixed(words, at - 1, 1664525)) + key[step % key.Length] + (uint)(step % key.Length);
            at = Next(words, at);
        }

        for (int step = 0; step < Words - 1; step++)
        {
            words[at] = (words[at] ^ Mixed(words, at - 1, 1566083941)) - (uint)at;
            at = Next(words, at);
        }

        words[0] = 0x80000000;
        return words;
    }

    private static uint Mixed(uint[] words, int index, uint factor) => unchecked((words[index] ^ (words[index] >> 30)) * factor);

    private static int Next(uint[] words, int at)
    {
        if (at < Words - 1)
        {
            return at + 1;
        }

        words[0] = words[Words - 1];
        return 1;
    }
}
