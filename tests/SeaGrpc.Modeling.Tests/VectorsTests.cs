using System.Runtime.Intrinsics;
using SeaGrpc.Modeling.Transformer.Cpu;

namespace SeaGrpc.Modeling.Tests;

/// <summary>Sixteen numbers at a time have the bits that they have eight at a time.</summary>
public sealed unsafe class VectorsTests
{
    private static readonly float[] Values =
    [
        .. Enumerable.Range(0, 4000).Select(index => (index * 0.0513f) - 102), 0, -0f, 1e-40f, -1e-40f, -87.3f, 88.72f, 90,
        float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1.00390625f, 1.01171875f,
    ];

    [Fact]
    public void Functions()
    {
        if (!Vectors.AreWide)
        {
            return;
        }

        foreach (float value in Values)
        {
            Same(Vectors.Exp(Vector256.Create(value)), Vectors.Exp(Vector512.Create(value)));
            Same(Vectors.Sigmoid(Vector256.Create(value)), Vectors.Sigmoid(Vector512.Create(value)));
            Same(BFloat16Format.Rounded(Vector256.Create(value)), BFloat16Format.RoundedWide(Vector512.Create(value)));
        }
    }

    [Fact]
    public void Numbers_are_stored_and_read_as_they_are()
    {
        if (!Vectors.AreWide)
        {
            return;
        }

        ushort* narrow = stackalloc ushort[Vectors.Wide];
        ushort* wide = stackalloc ushort[Vectors.Wide];
        for (int at = 0; at + Vectors.Wide <= Values.Length; at += Vectors.Wide)
        {
            var low = Vector256.Create(Values, at);
            var high = Vector256.Create(Values, at + Vectors.Width);
            BFloat16Format.Store(low, narrow);
            BFloat16Format.StoreRounded(BFloat16Format.Rounded(high), narrow + Vectors.Width);
            BFloat16Format.StoreRoundedWide(BFloat16Format.RoundedWide(Vector512.Create(low, high)), wide);
            Assert.Equal(new ReadOnlySpan<ushort>(narrow, Vectors.Wide), new ReadOnlySpan<ushort>(wide, Vectors.Wide));
            Vector512<float> read = BFloat16Format.LoadWide(wide);
            Assert.Equal(BFloat16Format.Load(narrow).AsInt32(), read.GetLower().AsInt32());
            Assert.Equal(BFloat16Format.Load(narrow + Vectors.Width).AsInt32(), read.GetUpper().AsInt32());
        }
    }

    /// <summary>Against double precision, at all lengths around whole vectors, with and without a prompt and a cap.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Softmax_of_one_query(int cap)
    {
        var random = new Random(5);
        var scale = new ScoreScale(0.3f, cap);
        for (int prompt = 0; prompt < 40; prompt++)
        {
            for (int own = 1; own < 40; own += 3)
            {
                float[] scores = [.. Enumerable.Range(0, prompt + own).Select(_ => (float)(random.NextDouble() * 20) - 10)];
                double[] expected =
                [
                    .. scores.Select(score => cap == 0 ? score * 0.3 : Math.Tanh(score * 0.3 / cap) * cap),
                ];
                double top = expected.Max();
                double sum = expected.Sum(score => Math.Exp(score - top));
                fixed (float* first = scores)
                {
                    (float logSum, float inverse) = ScoreKernels<float, SingleFormat>.Forward(
                        first, first + prompt, new VisibleKeys(0, prompt, 0, own, own), scale);
                    Assert.Equal(top + Math.Log(sum), logSum, 1e-4);
                    Assert.Equal(1 / sum, inverse, 1e-5);
                }

                Assert.All(scores.Zip(expected), pair => Assert.Equal(Math.Exp(pair.Second - top), pair.First, 1e-5));
            }
        }
    }

    private static void Same(Vector256<float> narrow, Vector512<float> wide)
    {
        Assert.Equal(narrow.AsInt32(), wide.GetLower().AsInt32());
        Assert.Equal(narrow.AsInt32(), wide.GetUpper().AsInt32());
    }
}
