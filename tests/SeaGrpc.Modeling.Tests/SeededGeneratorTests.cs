using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>All 64 bits of a seed count, and those that fit 32 bits draw what libtorch draws.</summary>
public sealed class SeededGeneratorTests
{
    /// <summary>
    /// Every second value of Python's random.Random(seed).getrandbits(32), modulo 2**31: its twister is seeded by the same array, and
    /// libtorch draws an integer of two words.
    /// </summary>
    [Theory]
    [InlineData((1UL << 32) + 7, new long[] { 1140340225, 1473205320, 267413182, 1646279590 })]
    [InlineData((1UL << 63) + 5, new long[] { 736485321, 530721988, 147384083, 1204952326 })]
    [InlineData(7UL << 32, new long[] { 915014669, 106089270, 1613800426, 2000363642 })]
    [InlineData(ulong.MaxValue, new long[] { 1068495656, 510032659, 1958779474, 408097150 })]
    public void A_wide_seed_fills_the_twister_by_its_two_halves(ulong seed, long[] expected) => Assert.Equal(expected, Draws(seed, 4));

    [Theory]
    [InlineData(0UL)]
    [InlineData(7UL)]
    [InlineData((ulong)uint.MaxValue)]
    public void A_seed_of_32_bits_draws_what_it_always_drew(ulong seed)
    {
        using var scope = NewDisposeScope();
        using var plain = new Generator(seed);
        Assert.Equal(Draws(plain, 1000), Draws(seed, 1000));
    }

    [Fact]
    public void No_two_seeds_that_differ_in_one_bit_or_by_a_step_draw_alike()
    {
        ulong[] seeds = [
            7, .. Enumerable.Range(0, 64).Select(bit => 7UL ^ (1UL << bit)),
            .. Enumerable.Range(1, 64).Select(step => (1UL << 40) + (ulong)step)];
        Assert.Equal(seeds.Distinct().Count(), seeds.Distinct().Select(seed => string.Join(' ', Draws(seed, 4))).Distinct().Count());
    }

    [Fact]
    public void Normal_numbers_start_afresh()
    {
        using var scope = NewDisposeScope();
        using Generator generator = SeededGenerator.Of(ulong.MaxValue);
        using Generator again = SeededGenerator.Of(ulong.MaxValue);
        Assert.Equal(
            randn([33], generator: generator).data<float>().ToArray(), randn([33], generator: again).data<float>().ToArray());
    }

    private static long[] Draws(ulong seed, int count)
    {
        using Generator generator = SeededGenerator.Of(seed);
        return Draws(generator, count);
    }

    private static long[] Draws(Generator generator, int count)
    {
        using var scope = NewDisposeScope();
        return randint(0, 1L << 31, [count], ScalarType.Int64, generator: generator).data<long>().ToArray();
    }
}
