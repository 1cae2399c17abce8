using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SeaGrpc.Server.Options;

/// <summary>Unix file modes and groups.</summary>
internal static partial class UnixRights
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int MaxMode = 0x1FF; // 777
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Parses an octal mode, 600 to 777. The owner must be able to connect.</summary>
    public static bool TryParseMode(string text, out UnixFileMode mode)
    {
        mode = default;
        if (text.Length is < 3 or > 4 || !text.All(digit => digit is >= '0' and <= '7'))
        {
            return false;
        }

        int bits = Convert.ToInt32(text, 8);
        mode = (UnixFileMode)bits;
        return bits <= MaxMode && (mode & Owner) == Owner;
    }

    /// <summary>The id of a group, given its name or id; null if there is no such group.</summary>
    public static uint? GroupId(string group)
    {
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint id))
        {
            return id == Unchanged ? null : id;
        }

        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        nint entry = GetGroup(group);
        return entry == 0 ? null : (uint)Marshal.ReadInt32(entry, 2 * nint.Size); // struct group: name, password, id.
    }

    /// <summary>Changes the group of a file.</summary>
    /// <exception cref="IOException">The system does not allow it for this user.</exception>
    public static void SetGroup(string path, uint id)
    {
        if (ChangeOwner(path, Unchanged, id) != 0)
        {
            throw new IOException($"{new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "getgrnam", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetGroup(string name);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
