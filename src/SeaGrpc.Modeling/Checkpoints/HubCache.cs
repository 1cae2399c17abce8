using System.Text;
using System.Text.RegularExpressions;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>
/// The Hugging Face cache of this machine, as the Hub's own client lays it out: models--ORG--NAME with blobs (content by its hash), refs
/// (a revision's commit) and snapshots (a commit's files, links to blobs).
/// </summary>
public static partial class HubCache
{
    /// <summary>The revision that is meant if none is named.</summary>
    public const string Main = "main";

    private const string ModelPrefix = "models--";
    private const string SnapshotsName = "snapshots";

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")]
    private static partial Regex IdPattern { get; }

    /// <summary>The cache's folder: HF_HUB_CACHE, hub in HF_HOME, or ~/.cache/huggingface/hub.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable("HF_HUB_CACHE") is { Length: > 0 } hub ? hub : Path.Combine(Home, "hub");

    /// <summary>The folder of everything that is Hugging Face's on this machine: HF_HOME, or huggingface in the user's cache.</summary>
    public static string Home =>
        Environment.GetEnvironmentVariable("HF_HOME") is { Length: > 0 } home ? home
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Combine(cache, "huggingface")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface");

    /// <summary>Whether a text has the form of a model's id on the Hub: ORG/NAME.</summary>
    public static bool IsId(string text) => IdPattern.IsMatch(text);

    /// <summary>The folder of a model in a cache, whether it is there or not.</summary>
    /// <param name="cache">The cache's folder.</param>
    /// <param name="id">ORG/NAME.</param>
    public static string ModelFolder(string cache, string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Path.Combine(cache, ModelPrefix + id.Replace("/", "--", StringComparison.Ordinal));
    }

    /// <summary>The folder of a commit's files, whether it is there or not.</summary>
    /// <param name="modelFolder">A model's folder in a cache.</param>
    /// <param name="commit">The commit.</param>
    public static string SnapshotFolder(string modelFolder, string commit) => Path.Combine(modelFolder, SnapshotsName, commit);

    /// <summary>The file that names a revision's commit.</summary>
    /// <param name="modelFolder">A model's folder in a cache.</param>
    /// <param name="revision">A branch or tag.</param>
    public static string RefFile(string modelFolder, string revision) => Path.Combine(modelFolder, "refs", revision);

    /// <summary>
    /// The snapshot of a revision; for <see cref="Main"/> without a ref the newest; null if there is none.
    /// </summary>
    /// <param name="modelFolder">A model's folder in a cache.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    public static string? Snapshot(string modelFolder, string revision = Main)
    {
        string root = Path.Combine(modelFolder, SnapshotsName);
        if (!Directory.Exists(root))
        {
            return null;
        }

        string named = RefFile(modelFolder, revision);
        string commit = File.Exists(named) && CheckpointFile.LengthOf(named) is > 0 and < 256
            ? Encoding.ASCII.GetString(CheckpointFile.Read(named, 256)).Trim()
            : revision;
        string folder = Path.Combine(root, commit);
        return Directory.Exists(folder) ? folder
            : revision == Main ? Directory.EnumerateDirectories(root).MaxBy(Directory.GetLastWriteTimeUtc)
            : null;
    }

    /// <summary>The folders of the models in a cache.</summary>
    internal static IEnumerable<string> Models(string cache) => Directory.EnumerateDirectories(cache, $"{ModelPrefix}*");
}
