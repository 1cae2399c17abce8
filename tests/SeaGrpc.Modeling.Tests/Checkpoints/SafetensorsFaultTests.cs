using System.Buffers.Binary;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests.Checkpoints;

public sealed class SafetensorsFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", 8, "'F33' is unknown")]
    [InlineData("""{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", 8, "dtype is not a string")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "negative number -2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "1.5")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "shape is not a list")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", 8, "overflows")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}}""", 8, "overflows")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8, "64 bits")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "begin at 8, after their end at 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "negative number -8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "instead of [begin, end]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 5, "truncated, and 3 bytes are missing")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needs 12 bytes, but data_offsets span 8")]
    [InlineData(
        """{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12,
        "inside tensor 'b'")]
    [InlineData(
        """{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "holes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "holes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 11, "3 bytes after")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "data_offsets is missing")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "dtype is missing")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "shape is missing")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype appears twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", 8, "unknown key 'more'")]
    [InlineData("""{"a":[]}""", 0, "not an object")]
    public void A_fault_of_a_tensor_names_file_and_tensor(string header, int dataLength, string problem)
    {
        File.WriteAllBytes(FilePath, SafetensorsBytes.Make(header, dataLength));
        var error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(FilePath));
        Assert.Equal(FilePath, error.Path);
        Assert.StartsWith(FilePath + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", 0, "not an object")]
    [InlineData("", 0, "not valid JSON")]
    [InlineData("{\"a\":", 0, "not valid JSON")]
    [InlineData("{} x", 0, "not valid JSON")]
    [InlineData("{\"\\ud800\":{}}", 0, "not valid JSON")]
    [InlineData("{\"__metadata__\":{\"k\":1}}", 0, "'k' is not a string")]
    [InlineData("{\"__metadata__\":[]}", 0, "__metadata__")]
    [InlineData("{}", 5, "5 bytes after the header")]
    public void A_fault_of_the_header_names_the_file(string header, int dataLength, string problem)
    {
        File.WriteAllBytes(FilePath, SafetensorsBytes.Make(header, dataLength));
        AssertFault(problem);
    }

    [Fact]
    public void A_header_that_is_no_utf8_is_refused()
    {
        File.WriteAllBytes(FilePath, SafetensorsBytes.Make([(byte)'{', (byte)'"', 0xFF, (byte)'"'], 0));
        AssertFault("UTF-8");
    }

    [Fact]
    public void A_header_of_deep_json_is_refused()
    {
        File.WriteAllBytes(FilePath, SafetensorsBytes.Make($"{{\"a\":{new string('[', 100_000)}", 0));
        AssertFault("JSON");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_of_less_than_eight_bytes_is_refused(int length)
    {
        File.WriteAllBytes(FilePath, new byte[length]);
        AssertFault($"the file has {length} bytes");
    }

    [Theory]
    [InlineData(100_000_001UL, "limit")]
    [InlineData(ulong.MaxValue, "limit")]
    [InlineData(0x8000000000000000UL, "limit")]
    [InlineData(100UL, "at least 98 bytes are missing")]
    public void A_header_length_beyond_reason_is_refused(ulong length, string problem)
    {
        var file = SafetensorsBytes.Make("{}", 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        File.WriteAllBytes(FilePath, file);
        AssertFault(problem);
    }

    [Fact]
    public void Every_cut_of_a_file_is_noticed()
    {
        using var value = TensorFilling.Range(6, 1, CPU);
        SafetensorsWriter.Write(FilePath, [("a", value)]);
        var whole = File.ReadAllBytes(FilePath);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(FilePath));
        }
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        AssertFault("the file is missing");
    }

    [Theory]
    [InlineData("I64", 8)]
    [InlineData("I8", 1)]
    [InlineData("F8_E4M3", 1)]
    [InlineData("F64", 8)]
    public void Other_dtypes_are_named_when_read(string dtype, int size)
    {
        File.WriteAllBytes(
            FilePath, SafetensorsBytes.Make($$"""{"a":{"dtype":"{{dtype}}","shape":[],"data_offsets":[0,{{size}}]} }""", size));
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(dtype, file.Entries["a"].Dtype);
        var error = Assert.Throws<CheckpointException>(() => file.Read("a", ScalarType.Float32, CPU));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.Contains(dtype, error.Message, StringComparison.Ordinal);
    }

    private void AssertFault(string problem)
    {
        var error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(FilePath));
        Assert.StartsWith(FilePath + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
