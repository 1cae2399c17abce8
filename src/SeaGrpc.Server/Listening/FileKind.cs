using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Listening;

/// <summary>The kind of file at a path. Symbolic links are not followed.</summary>
internal enum FileKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, whatever its target.</summary>
    Link,

    /// <summary>A named pipe.</summary>
    Pipe,

    /// <summary>A device.</summary>
    Device,

    /// <summary>A regular file, or any file if the system cannot tell.</summary>
    File,
}

/// <summary>Asks the operating system, because .NET does not distinguish sockets from files.</summary>
internal static partial class FileKinds
{
    private const int WorkingDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint TypeAndMode = 3; // STATX_TYPE | STATX_MODE
    private const int StatxSize = 256;
    private const int ModeOffset = 28; // stx_mode: the kernel defines this layout; it is the same on every architecture.
    private const int TypeMask = 0xF000; // S_IFMT

    /// <summary>The kind of file at the path.</summary>
    public static unsafe FileKind Of(string path)
    {
        var link = new FileInfo(path);
        if (OperatingSystem.IsLinux())
        {
            byte* found = stackalloc byte[StatxSize];
            if (Statx(WorkingDirectory, path, NoFollow, TypeAndMode, found) == 0)
            {
                return (*(ushort*)(found + ModeOffset) & TypeMask) switch
                {
                    0xC000 => FileKind.Socket,
                    0xA000 => FileKind.Link,
                    0x4000 => FileKind.Folder,
                    0x1000 => FileKind.Pipe,
                    0x2000 or 0x6000 => FileKind.Device,
                    _ => FileKind.File,
                };
            }
        }

        return link.LinkTarget is not null ? FileKind.Link
            : Directory.Exists(path) ? FileKind.Folder
            : File.Exists(path) ? FileKind.File
            : FileKind.None;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Statx(int directory, string path, int flags, uint mask, byte* result);
}
