using System.Diagnostics;
using System.Text;
using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests.Checkpoints;

/// <summary>Files that are not files, or far too much of one: one error each, soon, in little memory.</summary>
[Trait("tier", "slow")]
public sealed class HostileFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Weights => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("generation_config.json")]
    [InlineData("chat_template.jinja")]
    [InlineData("model.safetensors")]
    [InlineData("model.safetensors.index.json")]
    public void A_pipe_or_a_device_is_named_and_never_opened(string name)
    {
        TinyCheckpoint.WritePolicy(_folder.Path, 1);
        if (name == "model.safetensors.index.json")
        {
            File.Delete(Weights);
        }

        File.Delete(_folder.File(name));
        using (var made = Process.Start("mkfifo", [_folder.File(name)]))
        {
            made.WaitForExit();
        }

        AssertRefused(name, "a pipe or a device");
        File.Delete(_folder.File(name));
        File.CreateSymbolicLink(_folder.File(name), "/dev/zero");
        AssertRefused(name, "a pipe or a device");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("model.safetensors")]
    public void A_git_lfs_pointer_is_named_as_one(string name)
    {
        TinyCheckpoint.WritePolicy(_folder.Path, 1);
        File.WriteAllText(
            _folder.File(name),
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize "
                + "12345\n");
        AssertRefused(name, "git lfs pull");
    }

    [Fact]
    public void A_json_file_beyond_all_reason_is_not_read()
    {
        TinyCheckpoint.WritePolicy(_folder.Path, 1);
        using (var stream = File.Create(_folder.File("config.json")))
        {
            stream.SetLength(5L << 30);
        }

        AssertRefused("config.json", "5368709120 bytes");
    }

    [Fact]
    public void A_link_to_nowhere_is_named_with_its_target()
    {
        TinyCheckpoint.WritePolicy(_folder.Path, 1);
        File.Delete(_folder.File("config.json"));
        File.CreateSymbolicLink(_folder.File("config.json"), _folder.File("blob"));
        AssertRefused("config.json", _folder.File("blob"));
    }

    public static TheoryData<string, string> LongHeaders => new()
    {
        { "blanks", "JSON" },
        { "tensors", "more than 100000 tensors" },
        { "metadata", "__metadata__ has more than" },
        { "shape", "more than 64 numbers" },
        { "name", "more than 16777216 bytes" },
        { "inner blanks", "JSON" },
    };

    [Theory]
    [MemberData(nameof(LongHeaders))]
    public void A_header_of_ninety_megabytes_is_one_error_in_little_memory(string kind, string problem)
    {
        const int Length = 90_000_000;
        WriteHeader(Length, kind switch
        {
            "blanks" => ("", _ => " ", ' '),
            "tensors" => ("{", index => $"\"t{index}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}},", ' '),
            "metadata" => ("{\"__metadata__\":{", index => $"\"k{index}\":\"v\",", ' '),
            "shape" => ("{\"a\":{\"dtype\":\"F32\",\"shape\":[", _ => "1,", ' '),
            "name" => ("{\"", _ => "abcdefgh", 'x'),
            _ => ("{\"a\":", _ => "        ", ' '),
        });
        GC.Collect();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(Weights));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 150L << 20);
    }

    [Fact]
    public void Blanks_after_a_header_are_allowed()
    {
        WriteHeader(5_000_000, ("{}", _ => " ", ' '));
        using var file = SafetensorsFile.Open(Weights);
        Assert.Empty(file.Entries);
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.Float32, float.NaN)]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16, float.PositiveInfinity)]
    [InlineData(ScalarType.Float16, ScalarType.Float32, float.NegativeInfinity)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32, float.NaN)]
    [InlineData(ScalarType.BFloat16, ScalarType.BFloat16, float.PositiveInfinity)]
    public void A_weight_that_is_no_number_is_named_with_its_tensor(ScalarType stored, ScalarType served, float value)
    {
        using var scope = NewDisposeScope();
        foreach (long place in (long[])[0, 15, 16, 300_000])
        {
            Tensor values = TensorFilling.Filled([300_001], stored == ScalarType.Float16 ? 60_000 : 3e38f, CPU);
            SafetensorsWriter.Write(Weights, [("a", values.to(stored))]);
            using (CheckpointWeights weights = CheckpointWeights.Open(_folder.Path))
            {
                weights.Take([new WeightPart("a", 300_001)], served, CPU).Dispose();
            }

            values[place] = value;
            SafetensorsWriter.Write(Weights, [("a", values.to(stored))]);
            using CheckpointWeights damaged = CheckpointWeights.Open(_folder.Path);
            string message = Assert.Throws<CheckpointException>(() => damaged.Take([new WeightPart("a", 300_001)], served, CPU)).Message;
            Assert.All(["'a'", "NaN or infinite", $"index {place}"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
    }

    private void AssertRefused(string name, string problem)
    {
        var error = Assert.Throws<CheckpointException>(
            () => PolicyModel.Load(_folder.Path, new ModelLoadOptions("cpu", ModelDtype.Float32)));
        Assert.Equal(_folder.File(name), error.Path);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private void WriteHeader(int length, (string Start, Func<int, string> Part, char End) content)
    {
        using var stream = new BufferedStream(File.Create(Weights), 1 << 20);
        stream.Write(BitConverter.GetBytes((long)length));
        var left = length;
        var index = 0;
        for (var part = Encoding.ASCII.GetBytes(content.Start); part.Length <= left; part = Encoding.ASCII.GetBytes(content.Part(index++)))
        {
            stream.Write(part);
            left -= part.Length;
        }

        stream.Write(Encoding.ASCII.GetBytes(new string(content.End, left)));
    }
}
