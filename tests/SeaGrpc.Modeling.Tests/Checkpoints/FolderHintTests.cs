using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;
using SeaGrpc.Testing;

namespace SeaGrpc.Modeling.Tests.Checkpoints;

/// <summary>What is named in a folder's place, and what to name instead.</summary>
public sealed class FolderHintTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_id_of_the_hub_says_how_to_download_it() =>
        AssertFault("nobody-here/No-Such-Model-7B", "nothing is downloaded", "seagrpc pull nobody-here/No-Such-Model-7B");

    [Fact]
    public void A_tilde_is_named() => AssertFault("~/models/x", "whole path");

    [Fact]
    public void A_model_in_the_cache_names_its_snapshot()
    {
        string model = Cache();
        AssertFault(model, "cache", Path.Combine(model, "snapshots", Commit));
        AssertFault(_folder.Path, "cache", Path.Combine(model, "snapshots", Commit));
        AssertFault(Path.Combine(model, "snapshots"), Path.Combine(model, "snapshots", Commit));
        File.WriteAllText(Path.Combine(model, "refs", "main"), "gone");
        AssertFault(model, Path.Combine(model, "snapshots", Commit));
    }

    [Fact]
    public void A_folder_of_folders_names_the_one_with_a_model()
    {
        TinyCheckpoint.WritePolicy(_folder.File("inner"), 1);
        AssertFault(_folder.Path, _folder.File("inner"));
    }

    [Fact]
    public void Hugging_Faces_home_folder_names_a_snapshot_too()
    {
        string model = Cache("hub/models--org--name");
        AssertFault(_folder.Path, "cache", Path.Combine(model, "snapshots", Commit));
    }

    [Fact]
    public void An_empty_folder_says_how_to_fill_it() =>
        AssertFault(_folder.Path, "config.json: the file is missing", "empty", $"hf download ORG/NAME --local-dir {_folder.Path}");

    [Fact]
    public void A_folder_without_config_says_where_it_is_to_be_had()
    {
        File.WriteAllText(_folder.File("model.safetensors"), "x");
        AssertFault(_folder.Path, "config.json: the file is missing", "from where the model came from");
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    public void A_file_of_a_model_names_its_folder(string file)
    {
        TinyCheckpoint.WritePolicy(_folder.Path, 1);
        AssertFault(_folder.File(file), "a file, not a folder", $"name the folder that contains it: {_folder.Path}");
    }

    [Fact]
    public void A_GGUF_file_says_what_to_take_instead()
    {
        File.WriteAllText(_folder.File("model.Q4_0.GGUF"), "GGUF");
        AssertFault(_folder.File("model.Q4_0.GGUF"), "GGUF", "llama.cpp", "safetensors checkpoint that it was made from");
    }

    [Theory]
    [InlineData("rename the file", "weights.safetensors")]
    [InlineData(
        "model.safetensors.index.json, which says what is in which", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors")]
    [InlineData("tensor names that are not supported", "consolidated.safetensors")]
    [InlineData("LoRA adapter", "adapter_config.json", "adapter_model.safetensors")]
    [InlineData("pickled (pytorch_model.bin)", "pytorch_model.bin")]
    [InlineData("add the weights", "README.md")]
    public void Weights_of_another_name_or_form_say_what_to_do(string named, params string[] files)
    {
        TinyCheckpoint.WritePolicy(_folder.Path, 1);
        File.Delete(_folder.File("model.safetensors"));
        Assert.All(files, file => File.WriteAllText(_folder.File(file), "{}"));
        Assert.Contains(
            SeaGrpc.Modeling.Inspection.CheckpointInspection.Of(_folder.Path).Problems, problem =>
                problem.Contains(named, StringComparison.Ordinal));
    }

    private static void AssertFault(string path, params string[] named)
    {
        string message = Assert.Throws<CheckpointException>(() => CheckpointConfig.Load(path)).Message;
        Assert.All(named, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private string Cache(string place = "models--org--name")
    {
        string model = _folder.File(place);
        TinyCheckpoint.WritePolicy(Path.Combine(model, "snapshots", Commit), 1);
        Directory.CreateDirectory(Path.Combine(model, "refs"));
        Directory.CreateDirectory(Path.Combine(model, "blobs"));
        File.WriteAllText(Path.Combine(model, "refs", "main"), Commit);
        return model;
    }
}
