using System.Runtime.InteropServices;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests.Checkpoints;

public sealed class SafetensorsRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32, "F32")]
    [InlineData(ScalarType.Float16, "F16")]
    [InlineData(ScalarType.BFloat16, "BF16")]
    public void What_is_written_is_read(ScalarType dtype, string name)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var value = randn([3, 5], dtype: ScalarType.Float32, generator: generator).to(dtype);
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["ключ"] = "значение" };
        SafetensorsWriter.Write(
            FilePath, [("weight", value), ("transposed", value.t()), ("scalar", value[0, 0]), ("none", value[TensorIndex.Slice(0, 0)])],
            metadata);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(metadata, file.Metadata);
        Assert.Equal(name, file.Entries["weight"].Dtype);
        Assert.Equal([5, 3], file.Entries["transposed"].Shape);
        Assert.Empty(file.Entries["scalar"].Shape);
        AssertEqual(value, file.Read("weight", dtype, CPU));
        AssertEqual(value.t(), file.Read("transposed", dtype, CPU));
        AssertEqual(value[0, 0], file.Read("scalar", dtype, CPU));
        Assert.Equal([0, 5], file.Read("none", dtype, CPU).shape);
        AssertEqual(value.to(ScalarType.Float32), file.Read("weight", ScalarType.Float32, CPU));
        Assert.Equal([FilePath], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Known_bytes_have_known_values()
    {
        var bytes = SafetensorsBytes.Make("""{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}""", 4);
        ((ReadOnlySpan<byte>)[0x80, 0x3F, 0x20, 0xC0]).CopyTo(bytes.AsSpan(bytes.Length - 4));
        File.WriteAllBytes(FilePath, bytes);
        using var file = SafetensorsFile.Open(FilePath);
        using var value = file.Read("a", ScalarType.Float32, CPU);
        Assert.Equal([1f, -2.5f], value.data<float>().ToArray());
    }

    [Fact]
    public void Bfloat16_is_widened_exactly_over_pieces_and_their_ends()
    {
        // Every bit pattern but those that are not numbers, then a length that ends inside a vector and beyond several pieces.
        ushort[] patterns =
        [
            .. Enumerable.Range(0, 600_013).Select(at => (ushort)(at * 40503)).Select(bits => (bits & 0x7F80) == 0x7F80 ? (ushort)0 : bits),
        ];
        byte[] data = MemoryMarshal.AsBytes(patterns.AsSpan()).ToArray();
        var bytes = SafetensorsBytes.Make(
            $$"""{"a":{"dtype":"BF16","shape":[{{patterns.Length}}],"data_offsets":[0,{{data.Length}}] } }""", data.Length);
        data.CopyTo(bytes, bytes.Length - data.Length);
        File.WriteAllBytes(FilePath, bytes);
        using var file = SafetensorsFile.Open(FilePath);
        using var value = file.Read("a", ScalarType.Float32, CPU);
        Assert.Equal(patterns.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)), value.data<float>().ToArray());
    }

    [Fact]
    public void The_data_begins_at_a_multiple_of_eight_bytes_and_wide_elements_come_first()
    {
        using var narrow = zeros(3, ScalarType.Float16);
        using var wide = zeros(1, ScalarType.Float32);
        SafetensorsWriter.Write(FilePath, [("narrow", narrow), ("wide", wide)]);
        Assert.Equal(0, BitConverter.ToInt64(File.ReadAllBytes(FilePath)) % 8);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(0, file.Entries["wide"].Begin);
        Assert.Equal(4, file.Entries["narrow"].Begin);
    }

    [Fact]
    public void A_file_without_tensors_is_sound()
    {
        SafetensorsWriter.Write(FilePath, []);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Empty(file.Entries);
    }

    [Fact]
    public void A_tensor_outlives_its_file()
    {
        using var value = ones(4);
        SafetensorsWriter.Write(FilePath, [("a", value)]);
        var file = SafetensorsFile.Open(FilePath);
        using var read = file.Read("a", ScalarType.Float32, CPU);
        file.Dispose();
        AssertEqual(value, read);
        Assert.Throws<ObjectDisposedException>(() => file.Read("a", ScalarType.Float32, CPU));
    }

    [Fact]
    public void What_cannot_be_written_is_refused_and_leaves_no_file()
    {
        using var whole = zeros(2, ScalarType.Int64);
        using var value = zeros(2);
        Assert.Contains(
            "'a'", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(FilePath, [("a", whole)])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "'b'", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(FilePath, [("b", value), ("b", value)])).Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static void AssertEqual(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.eq(actual).all().item<bool>());
    }
}
