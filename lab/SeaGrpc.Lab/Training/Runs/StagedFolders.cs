namespace SeaGrpc.Lab.Training.Runs;

/// <summary>
/// Folders that are made under a hidden name and take their own names together, once all of them are whole. Until then what
/// stood there before stays; disposing before that leaves nothing behind.
/// </summary>
/// <param name="parent">Where the folders are to stand; created if it does not exist.</param>
/// <param name="names">Their names.</param>
internal sealed class StagedFolders(string parent, params IReadOnlyList<string> names) : IDisposable
{
    private readonly DirectoryInfo _staging = Directory.CreateDirectory(Path.Combine(parent, $".unfinished-{Guid.NewGuid():N}"));

    /// <summary>Where to make a folder now.</summary>
    public string Make(string name) => _staging.CreateSubdirectory(name).FullName;

    /// <summary>Gives the folders their names; folders of these names are replaced.</summary>
    public void Publish()
    {
        foreach (var name in names)
        {
            var target = Path.Combine(parent, name);
            if (Directory.Exists(target))
            {
                Directory.Move(target, Path.Combine(_staging.FullName, $"old-{name}"));
            }

            Directory.Move(Path.Combine(_staging.FullName, name), target);
        }
    }

    public void Dispose() => _staging.Delete(recursive: true);
}
