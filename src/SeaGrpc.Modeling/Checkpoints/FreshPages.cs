using System.Runtime.InteropServices;

namespace SeaGrpc.Modeling.Checkpoints;

/// <summary>
/// Allocates memory pages in few steps. Allocating and clearing page by page takes longer than reading weights into the pages.
/// </summary>
/// <remarks>
/// Uses madvise(2) on Linux. If the advice has no effect (another system, a kernel before 5.14, huge pages disabled), pages are allocated
/// one by one as usual.
/// </remarks>
internal static partial class FreshPages
{
    private const int HugePages = 14;
    private const int PopulateWrite = 23;

    private static readonly nint PageSize = Environment.SystemPageSize;

    /// <summary>Asks for 2 MiB pages for the parts of a range that can hold them.</summary>
    /// <param name="start">Address of the first byte.</param>
    /// <param name="length">Bytes.</param>
    public static void PreferHuge(nint start, long length) => Advise(start, length, HugePages);

    /// <summary>Makes the pages of a range present at once. Their content stays.</summary>
    /// <param name="start">Address of the first byte.</param>
    /// <param name="length">Length in bytes. Pages that are only partly in the range are left out.</param>
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
