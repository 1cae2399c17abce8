namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Reads a checkpoint's files, some of which may not be regular files. Reads never block and are always limited in size.</summary>
internal static class CheckpointFile
{
    /// <summary>Maximum size of a Git LFS pointer in bytes.</summary>
    internal const int LongestPointer = 1024;

    private static ReadOnlySpan<byte> PointerStart => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Reads a file. Returns no bytes for a file without a length.</summary>
    /// <param name="path">The file. Links are followed.</param>
    /// <param name="mostBytes">Maximum size of the file in bytes.</param>
    /// <exception cref="CheckpointException">The file is missing, unreadable, too long or a Git LFS pointer.</exception>
    internal static byte[] Read(string path, int mostBytes) => Guard(path, () =>
        {
            var length = LengthOf(path);
            if (length == 0)
            {
                return [];
            }

            if (length > mostBytes)
            {
                throw new CheckpointException(
                    path,
                    $"the file has {length} bytes, but such a file may have at most {mostBytes}; check that it is the right one."
                );
            }

            // Reads no more than the initial length, in case the file is growing.
            var bytes = new byte[length];
            using var handle = File.OpenHandle(path);
            var read = 0;
            while (read < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(read), read) is var more and > 0)
            {
                read += more;
            }

            RefusePointer(path, bytes.AsSpan(0, read));
            return read == bytes.Length ? bytes : bytes[..read];
        });

    /// <summary>
    /// A file's length in bytes. The file is not opened, because opening a pipe may block. Pipes and devices have length 0.
    /// </summary>
    /// <exception cref="CheckpointException">The file is missing.</exception>
    internal static long LengthOf(string path) => Guard(path, () =>
        {
            FileSystemInfo target = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
            if (!target.Exists && File.ResolveLinkTarget(path, returnFinalTarget: false) is { } broken)
            {
                throw new CheckpointException(
                    path,
                    $"the file is a link to {broken.FullName}, which is not there; put the file itself here, "
                        + "or copy the folder with its links followed."
                );
            }

            return Directory.Exists(target.FullName) ? throw new CheckpointException(path, "this is a folder, not a file.")
                : target is FileInfo { Exists: true } file ? file.Length
                : throw Missing(path, null);
        });

    /// <summary>Throws if the content is a Git LFS pointer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">The whole content of a short file.</param>
    /// <exception cref="CheckpointException">The content is a Git LFS pointer.</exception>
    internal static void RefusePointer(string path, ReadOnlySpan<byte> content)
    {
        if (content.Length <= LongestPointer && content.StartsWith(PointerStart))
        {
            throw new CheckpointException(
                path,
                "this is a Git LFS pointer, not the file that it stands for; run 'git lfs pull' in the repository that it comes from "
                    + "(git-lfs must be installed), or download the file itself."
            );
        }
    }

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"the file cannot be read ({e.Message}).", e);
        }
    }

    private static CheckpointException Missing(string path, Exception? cause) =>
        new(path, "the file is missing; add it to the checkpoint folder.", cause);
}
