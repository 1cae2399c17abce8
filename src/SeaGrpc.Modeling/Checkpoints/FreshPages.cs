using System.Runtime.InteropServices;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>Fresh memory in few steps: handing out and clearing it page by page takes longer than reading weights into it.</summary>
/// <remarks>
/// Advice to Linux, madvise(2). Where it is not taken (another system, a kernel before 5.14, huge pages switched off), memory is
/// handed out page by page as ever.
/// </remarks>
internal static partial class FreshPages
{
    private const int HugePages = 14;
    private const int PopulateWrite = 23;

    private static readonly nint PageSize = Environment.SystemPageSize;

    /// <summary>Has pages of 2 MiB used for a range, where they fit into it.</summary>
    /// <param name="start">Address of the first byte.</param>
    /// <param name="length">Bytes.</param>
    public static void PreferHuge(nint start, long length) => Advise(start, length, HugePages);

    /// <summary>Has a range's pages made present at once. What they hold stays.</summary>
    /// <param name="start">Address of the first byte.</param>
    /// <param name="length">Bytes; pages that belong to the range only partly are left out.</param>
    public static void Populate(nint start, long length) => Advise(start, length, PopulateWrite);

    private static void Advise(nint start, long length, int advice)
    {
        nint first = (start + PageSize - 1) / PageSize * PageSize;
        nint end = (start + (nint)length) / PageSize * PageSize;
        if (end > first && OperatingSystem.IsLinux())
        {
            _ = Advise(first, (nuint)(end - first), advice);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nuint length, int advice);
}
