using SeaGrpc.Modeling.Checkpoints;

namespace SeaGrpc.Cli.Hub;

/// <summary>A model on the Hub, at one revision.</summary>
/// <param name="Id">ORG/NAME.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
internal sealed record HubModel(string Id, string Revision)
{
    /// <summary>Reads ORG/NAME or ORG/NAME@REVISION.</summary>
    /// <returns>Null if the text is neither.</returns>
    public static HubModel? Parse(string text)
    {
        string[] parts = text.Split('@', 2);
        string revision = parts.Length == 2 ? parts[1] : HubCache.Main;
        return HubCache.IsId(parts[0]) && IsRevision(revision) ? new HubModel(parts[0], revision) : null;
    }

    /// <summary>Its folder in the cache of this machine.</summary>
    public string Folder => HubCache.ModelFolder(HubCache.Folder, Id);

    /// <summary>The folder of its files, if they are in the cache of this machine.</summary>
    public string? Cached => HubCache.Snapshot(Folder, Revision);

    public override string ToString() => Revision == HubCache.Main ? Id : $"{Id}@{Revision}";

    // It becomes part of a path and of an address.
    private static bool IsRevision(string text) => text.Length is > 0 and <= 128
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '/')
        && text.Split('/').All(part => part is not ("" or "." or ".."));
}
