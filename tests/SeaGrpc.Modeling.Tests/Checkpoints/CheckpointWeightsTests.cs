using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Modeling.Transformer;
using SeaGrpc.Testing;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests.Checkpoints;

public sealed class CheckpointWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shards_are_read_as_one()
    {
        WriteShard("one.safetensors", "a");
        WriteShard("two.safetensors", "b");
        WriteIndex("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""");
        using var weights = CheckpointWeights.Open(_folder.Path);
        Assert.True(weights.Contains("a"));
        Assert.False(weights.Contains("c"));
        using var a = weights.Take([new WeightPart("a", 2, 3)], ScalarType.BFloat16, CPU);
        using var b = weights.Take([new WeightPart("b", 2, 3)], ScalarType.Float32, CPU);
        Assert.Equal(ScalarType.BFloat16, a.dtype);
        weights.ThrowIfUnused();
    }

    [Fact]
    public void A_missing_tensor_is_named_with_its_shape()
    {
        WriteShard("model.safetensors", "a");
        AssertTakeFault("b", [2, 3], "'b'", "[2, 3]", "config.json");
    }

    [Fact]
    public void A_wrong_shape_is_named_with_both_shapes()
    {
        WriteShard("model.safetensors", "a");
        AssertTakeFault("a", [3, 2], "'a'", "[2, 3]", "[3, 2]", "config.json", "model.safetensors");
        AssertTakeFault("a", [6], "[6]");
    }

    [Fact]
    public void Tensors_that_nothing_asked_for_are_named()
    {
        WriteShard("model.safetensors", "a", "b", "model.layers.0.self_attn.rotary_emb.inv_freq");
        using var weights = CheckpointWeights.Open(_folder.Path);
        using var a = weights.Take([new WeightPart("a", 2, 3)], ScalarType.Float32, CPU);
        var error = Assert.Throws<CheckpointException>(weights.ThrowIfUnused);
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'a'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inv_freq", error.Message, StringComparison.Ordinal);
        weights.Ignore("b");
        weights.ThrowIfUnused();
    }

    [Fact]
    public void Heads_that_training_left_are_passed_over()
    {
        WriteShard("model.safetensors", "v_head.summary.weight", "score.weight", "mtp.layers.0.norm.weight");
        using var weights = CheckpointWeights.Open(_folder.Path);
        Assert.Equal(3, weights.OtherHeads(isPolicy: true).Count());
        Assert.DoesNotContain("score.weight", weights.OtherHeads(isPolicy: false));
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"one.safetensors","b":"lost.safetensors"}}""", "lost.safetensors")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","c":"one.safetensors"}}""", "'c'")]
    [InlineData("""{"weight_map":{"a":"two.safetensors","b":"two.safetensors"}}""", "'a'")]
    [InlineData("""{"weight_map":{"b":"two.safetensors","a":"../one.safetensors"}}""", "'a'")]
    [InlineData("""{"weight_map":{"a":7}}""", "'a'")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}""", "twice")]
    [InlineData("""{"weight_map":{}}""", "empty")]
    [InlineData("""{"weight_map":[]}""", "weight_map")]
    [InlineData("{}", "weight_map")]
    [InlineData("[]", "not an object")]
    [InlineData("{", "JSON")]
    public void A_fault_of_the_index_is_named(string index, string named)
    {
        WriteShard("one.safetensors", "a");
        WriteShard("two.safetensors", "b");
        WriteIndex(index);
        var error = Assert.Throws<CheckpointException>(() => CheckpointWeights.Open(_folder.Path));
        Assert.Contains("model.safetensors.index.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_the_index_does_not_list_is_named()
    {
        WriteShard("one.safetensors", "a", "extra");
        WriteIndex("""{"weight_map":{"a":"one.safetensors"}}""");
        var error = Assert.Throws<CheckpointException>(() => CheckpointWeights.Open(_folder.Path));
        Assert.Contains("'extra'", error.Message, StringComparison.Ordinal);
        Assert.Contains("one.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pytorch_model.bin", "pickled", "convert")]
    [InlineData("consolidated.00.pth", "pickled", "convert")]
    [InlineData("model-Q4_K_M.gguf", "GGUF", "safetensors")]
    [InlineData("adapter_config.json", "LoRA", "merge_and_unload")]
    [InlineData("tf_model.h5", "tf_model.h5", "convert")]
    public void Other_kinds_of_weights_are_refused_with_the_way_out(string file, params string[] named)
    {
        File.WriteAllText(_folder.File(file), "");
        var error = Assert.Throws<CheckpointException>(() => CheckpointWeights.Open(_folder.Path));
        Assert.All(named.Append(file), part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Equal(error.Message, Assert.Throws<CheckpointException>(() => CheckpointConfig.Load(_folder.Path)).Message);
    }

    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.qweight", "I32", "GPTQ or AWQ")]
    [InlineData("model.layers.0.self_attn.q_proj.weight.absmax", "F32", "bitsandbytes")]
    [InlineData("model.layers.0.self_attn.q_proj.weight", "F8_E4M3", "F8_E4M3")]
    public void Quantised_weights_are_named_before_any_is_read(string name, string dtype, string kind)
    {
        int size = dtype == "F8_E4M3" ? 1 : 4;
        File.WriteAllBytes(
            _folder.File("model.safetensors"),
            SafetensorsBytes.Make($$"""{"{{name}}":{"dtype":"{{dtype}}","shape":[1],"data_offsets":[0,{{size}}]} }""", size));
        var error = Assert.Throws<CheckpointException>(() => CheckpointWeights.Open(_folder.Path));
        Assert.All(["quantised", kind, name, "F32, F16 or BF16"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_cut_after_it_was_opened_is_an_error()
    {
        WriteShard("model.safetensors", "a");
        using var weights = CheckpointWeights.Open(_folder.Path);
        using (var stream = new FileStream(_folder.File("model.safetensors"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length - 4);
        }

        Assert.Contains(
            "shorter", Assert.Throws<CheckpointException>(() => weights.Take([new WeightPart("a", 2, 3)], ScalarType.Float32, CPU)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_weights_or_no_folder_is_refused()
    {
        Assert.Contains(
            "model.safetensors", Assert.Throws<CheckpointException>(() => CheckpointWeights.Open(_folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "no such folder", Assert.Throws<CheckpointException>(() => CheckpointWeights.Open(_folder.File("lost"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_follows_every_file()
    {
        WriteShard("model.safetensors", "a");
        File.WriteAllText(_folder.File("config.json"), "{}");
        Assert.Contains(
            "tokenizer.json", Assert.Throws<CheckpointException>(() => CheckpointHash.Of(_folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("tokenizer.json"), "{}");
        var first = CheckpointHash.Of(_folder.Path);
        Assert.Matches("^[0-9a-f]{64}$", first);
        Assert.Equal(first, CheckpointHash.Of(_folder.Path));
        File.WriteAllText(_folder.File("tokenizer.json"), "{} ");
        var second = CheckpointHash.Of(_folder.Path);
        WriteShard("model.safetensors", "b");
        Assert.Equal(3, new[] { first, second, CheckpointHash.Of(_folder.Path) }.Distinct().Count());
    }

    private void AssertTakeFault(string name, long[] shape, params string[] named)
    {
        using var weights = CheckpointWeights.Open(_folder.Path);
        var error = Assert.Throws<CheckpointException>(() => weights.Take([new WeightPart(name, shape)], ScalarType.Float32, CPU));
        Assert.All(named, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private void WriteShard(string file, params string[] names)
    {
        using var value = TensorFilling.Range(6, 1, CPU).view(2, 3);
        SafetensorsWriter.Write(_folder.File(file), [.. names.Select(name => (name, value))]);
    }

    private void WriteIndex(string json) => File.WriteAllText(_folder.File("model.safetensors.index.json"), json);
}
