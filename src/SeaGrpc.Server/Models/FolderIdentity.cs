using System.Globalization;
using System.Text;

namespace SeaGrpc.Server.Models;

/// <summary>
/// What tells whether files have been replaced: where links lead to, and length and time of each file. Contents are not read, since weights
/// are large.
/// </summary>
internal static class FolderIdentity
{
    /// <summary>The identity of folders, with the files directly in them, and of files.</summary>
    /// <param name="paths">Folders and files. One that cannot be read has an identity of its own.</param>
    public static string Of(IEnumerable<string> paths)
    {
        var identity = new StringBuilder();
        foreach (string path in paths)
        {
            try
            {
                Add(identity, path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                identity.Append(path).Append(": ").AppendLine(failure.GetType().Name);
            }
        }

        return identity.ToString();
    }

    private static void Add(StringBuilder identity, string path)
    {
        if (!Directory.Exists(path))
        {
            Add(identity, new FileInfo(path));
            return;
        }

        var folder = new DirectoryInfo(path);
        identity.Append(path).Append(" -> ").AppendLine(folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName);
        foreach (FileInfo file in folder.EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            Add(identity, file);
        }
    }

    private static void Add(StringBuilder identity, FileInfo file)
    {
        FileInfo target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        identity.Append(file.FullName).Append(" -> ").Append(target.FullName);
        if (target.Exists)
        {
            identity.Append(CultureInfo.InvariantCulture, $", {target.Length}, {target.LastWriteTimeUtc.Ticks}");
        }

        identity.AppendLine();
    }
}
