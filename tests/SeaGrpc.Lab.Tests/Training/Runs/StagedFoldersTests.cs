using SeaGrpc.Lab.Training.Runs;

namespace SeaGrpc.Lab.Tests.Training.Runs;

public sealed class StagedFoldersTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("staged").FullName;

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void Folders_take_their_names_together_in_place_of_older_ones()
    {
        Write(Directory.CreateDirectory(Path.Combine(_parent, "a")).FullName, "old");
        using (var staged = new StagedFolders(_parent, "a", "b"))
        {
            Write(staged.Make("a"), "new a");
            Write(staged.Make("b"), "new b");
            Assert.Equal("old", Read("a"));
            Assert.False(Directory.Exists(Path.Combine(_parent, "b")));
            staged.Publish();
        }

        Assert.Equal(("new a", "new b"), (Read("a"), Read("b")));
        Assert.Equal(["a", "b"], Directory.GetFileSystemEntries(_parent).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_is_not_published_leaves_nothing()
    {
        using (var staged = new StagedFolders(_parent, "a"))
        {
            Write(staged.Make("a"), "half");
        }

        Assert.Empty(Directory.GetFileSystemEntries(_parent));
    }

    private static void Write(string folder, string text) => File.WriteAllText(Path.Combine(folder, "file"), text);

    private string Read(string name) => File.ReadAllText(Path.Combine(_parent, name, "file"));
}
