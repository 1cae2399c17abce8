using SeaGrpc.Modeling.Checkpoints;
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
        AssertFault("nobody-here/No-Such-Model-7B", "nothing is downloaded", "hf download nobody-here/No-Such-Model-7B --local-dir");

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

    private static void AssertFault(string path, params string[] named)
    {
        string message = Assert.Throws<CheckpointException>(() => CheckpointConfig.Load(path)).Message;
        Assert.All(named, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private string Cache()
    {
        string model = _folder.File("models--org--name");
        TinyCheckpoint.WritePolicy(Path.Combine(model, "snapshots", Commit), 1);
        Directory.CreateDirectory(Path.Combine(model, "refs"));
        Directory.CreateDirectory(Path.Combine(model, "blobs"));
        File.WriteAllText(Path.Combine(model, "refs", "main"), Commit);
        return model;
    }
}
