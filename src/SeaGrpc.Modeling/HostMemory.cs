using System.Globalization;

namespace SeaGrpc.Modeling;

/// <summary>
/// Memory that this process may use: the machine's memory, or the limit of its container (control groups, version 1 or 2).
/// </summary>
public static class HostMemory
{
    /// <summary>The memory in bytes.</summary>
    public static long LimitBytes { get; } = OperatingSystem.IsLinux()
        ? LimitUnder("/")
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>The minimum of the physical memory and the limits of all control groups that contain the process.</summary>
    /// <param name="root">Folder that contains proc and sys.</param>
    public static long LimitUnder(string root)
    {
        ArgumentNullException.ThrowIfNull(root);
        string groups = Path.Combine(root, "sys/fs/cgroup");
        long least = Physical(root);
        foreach (string line in Lines(Path.Combine(root, "proc/self/cgroup")))
        {
            // HIERARCHY:CONTROLLERS:PATH; version 2 has hierarchy 0 and no controllers.
            if (line.Split(':', 3) is not [_, string controllers, string path])
            {
                continue;
            }

            if (controllers.Length == 0)
            {
                least = Math.Min(least, Around(groups, path, "memory.max"));
            }
            else if (controllers.Split(',').Contains("memory"))
            {
                least = Math.Min(least, Around(Path.Combine(groups, "memory"), path, "memory.limit_in_bytes"));
            }
        }

        return least;
    }

    /// <summary>
    /// The minimum of the limits of a group and its ancestors. In a container the path may be the host's; then only the topmost group
    /// exists.
    /// </summary>
    private static long Around(string mount, string path, string file)
    {
        long least = Limit(Path.Combine(mount, file));
        string folder = mount;
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            folder = Path.Combine(folder, part);
            least = Math.Min(least, Limit(Path.Combine(folder, file)));
        }

        return least;
    }

    /// <summary>"max", or in version 1 a number larger than any machine's memory, means no limit.</summary>
    private static long Limit(string file) =>
        long.TryParse(Lines(file).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes > 0
            ? bytes
            : long.MaxValue;

    /// <summary>"MemTotal: NUMBER kB".</summary>
    private static long Physical(string root)
    {
        string? total = Lines(Path.Combine(root, "proc/meminfo"))
            .FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal));
        return total?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, string number, ..]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
            ? kibibytes * 1024
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
