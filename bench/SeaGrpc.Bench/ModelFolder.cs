using SeaGrpc.Bench.Synthetic;

namespace SeaGrpc.Bench;

/// <summary>Where synthetic models are made: the caller's folder, where they stay, or a temporary one.</summary>
internal sealed class ModelFolder : IDisposable
{
    private readonly string _root;
    private readonly bool _isKept;

    /// <param name="kept">The caller's folder, or null.</param>
    public ModelFolder(DirectoryInfo? kept)
    {
        _isKept = kept is not null;
        _root = kept?.FullName ?? Directory.CreateTempSubdirectory("seagrpc-bench-").FullName;
    }

    /// <summary>Makes a policy and a reward model, where they are not there yet.</summary>
    /// <param name="name">Name of their folder.</param>
    /// <param name="shape">Their shape.</param>
    /// <returns>The folder with the folders policy and reward.</returns>
    public string Make(string name, SyntheticShape shape)
    {
        string folder = Path.Combine(_root, name);
        if (!File.Exists(Path.Combine(folder, "reward", SyntheticCheckpoint.LastFile)))
        {
            ErrorLines.Write($"making the models {name} in {folder}");
            BenchShapes.Write(folder, shape);
        }

        return folder;
    }

    /// <summary>Frees the disk that models took, unless they are kept.</summary>
    public void Release(string name)
    {
        if (!_isKept)
        {
            Directory.Delete(Path.Combine(_root, name), recursive: true);
        }
    }

    public void Dispose()
    {
        if (!_isKept)
        {
            Directory.Delete(_root, recursive: true);
        }
    }
}
