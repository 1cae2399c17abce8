using System.Buffers.Binary;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling;

/// <summary>Generators of random numbers from seeds of 64 bits, all of which count.</summary>
/// <remarks>
/// libtorch's generator on the CPU, a Mersenne twister, takes the low 32 bits of a seed alone. A seed that fits these is given to it as it
/// is; a wider one fills the twister's state by its authors' initialisation by array, of the seed's two halves. A generator on CUDA
/// counts from all 64 bits by itself.
/// Matsumoto and Nishimura, "Mersenne twister: a 623-dimensionally equidistributed uniform pseudo-random number generator", 1998, and
/// init_by_array of their code of 2002.
/// </remarks>
public static class SeededGenerator
{
    /// <summary>Words of the twister's state.</summary>
    private const int Words = 624;

    // libtorch's form of the state: seed, words left (int), seeded (int), next word, the words as 64 bits each, then the normal cache.
    private const int LeftOffset = 8;
    private const int NextOffset = 16;
    private const int WordsOffset = 24;
    private const int StateBytes = 5056;

    /// <summary>A generator that starts at a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="device">Where it draws; null is the CPU.</param>
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

    /// <summary>The state of a freshly seeded generator with the words that a seed fills.</summary>
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

    /// <summary>Initialisation by array, of two words.</summary>
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
