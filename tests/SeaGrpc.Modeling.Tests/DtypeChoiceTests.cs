using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

public sealed class DtypeChoiceTests : IDisposable
{
    private const double Single = 64e9;
    private const long Many = ComputeThreads.ManyWeights;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("BF16", 1.9, ScalarType.BFloat16)]
    [InlineData("F16", 1.9, ScalarType.BFloat16)]
    [InlineData("BF16", ProductSpeeds.ClearlyFaster, ScalarType.BFloat16)]
    [InlineData("BF16", 1.4, ScalarType.Float32)]
    [InlineData("F16", 1.4, ScalarType.Float32)]
    [InlineData("BF16", 0.004, ScalarType.Float32)]
    public void On_the_cpu_a_model_stored_in_16_bits_is_served_in_the_format_that_is_clearly_faster(
        string stored, double ratio, ScalarType expected)
    {
        var speeds = new ProductSpeeds(Single, Single * ratio, 2);
        DtypeChoice choice = DtypeChoice.Of(ModelDtype.Auto, DeviceType.CPU, null, stored, Many, () => speeds);
        Assert.Equal(expected, choice.Dtype);
        Assert.Same(speeds, choice.Speeds);
    }

    [Theory]
    [InlineData(ModelDtype.Auto, DeviceType.CPU, "bfloat16", "F32", Many, ScalarType.Float32)]
    [InlineData(ModelDtype.Auto, DeviceType.CPU, "bfloat16", "BF16", Many - 1, ScalarType.Float32)]
    [InlineData(ModelDtype.Auto, DeviceType.CUDA, "bfloat16", "BF16", Many, ScalarType.BFloat16)]
    [InlineData(ModelDtype.Auto, DeviceType.CUDA, "float16", "F16", 1, ScalarType.BFloat16)]
    [InlineData(ModelDtype.Auto, DeviceType.CUDA, "float32", "F32", Many, ScalarType.Float32)]
    [InlineData(ModelDtype.Auto, DeviceType.CUDA, null, "BF16", Many, ScalarType.Float32)]
    [InlineData(ModelDtype.Float32, DeviceType.CPU, "bfloat16", "BF16", Many, ScalarType.Float32)]
    [InlineData(ModelDtype.BFloat16, DeviceType.CPU, "float32", "F32", 1, ScalarType.BFloat16)]
    [InlineData(ModelDtype.Float32, DeviceType.CUDA, "bfloat16", "BF16", Many, ScalarType.Float32)]
    public void Where_something_else_decides_nothing_is_measured(
        ModelDtype asked, DeviceType device, string? named, string stored, long weights, ScalarType expected)
    {
        DtypeChoice choice = DtypeChoice.Of(
            asked, device, named, stored, weights, () => throw new InvalidOperationException("It was measured."));
        Assert.Equal(new DtypeChoice(expected), choice);
    }

    [Fact]
    public void The_machine_is_measured_once()
    {
        ProductSpeeds speeds = ProductSpeeds.Here();
        Assert.True(speeds.Float32 > 0 && double.IsFinite(speeds.Float32), $"{speeds}");
        Assert.True(speeds.BFloat16 > 0 && double.IsFinite(speeds.BFloat16), $"{speeds}");
        Assert.Equal(ComputeThreads.Count, speeds.Threads);
        Assert.Same(speeds, ProductSpeeds.Here());
    }

    [Theory]
    [InlineData(122e9, 2, "bfloat16: 1.9 times as fast as float32 here (122 against 64 GFLOP/s, 2 threads)")]
    [InlineData(80e9, 1, "float32: bfloat16 is 1.2 times as fast here (80 against 64 GFLOP/s, 1 thread)")]
    [InlineData(0.3e9, 1, "float32: bfloat16 is 0.0047 times as fast here (0.3 against 64 GFLOP/s, 1 thread)")]
    public void The_choice_is_told_with_its_reason(double half, int threads, string expected) =>
        Assert.Equal(expected, new ProductSpeeds(Single, half, threads).Summary());

    [Fact]
    public void What_most_numbers_are_stored_in_counts()
    {
        using (var scope = NewDisposeScope())
        {
            // Of the two types the same number of bytes.
            SafetensorsWriter.Write(
                _folder.File("model.safetensors"),
                [("half", zeros([4, 4], ScalarType.BFloat16)), ("single", zeros([2, 4])), ("scalar", zeros([], ScalarType.BFloat16))],
                new Dictionary<string, string>());
        }

        using CheckpointWeights weights = CheckpointWeights.Open(_folder.Path);
        Assert.Equal(("BF16", 25), weights.MostlyStoredIn());
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    public void A_small_model_is_served_in_float32_unmeasured(ScalarType stored)
    {
        FamilyCheckpoint.Write(_folder.Path, "llama", dtype: stored);
        using PolicyModel model = PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu"));
        Assert.Equal(("float32", null), (model.Description.Dtype, model.Description.Speeds));
    }
}
