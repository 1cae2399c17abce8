using SeaGrpc.Testing;

namespace SeaGrpc.Modeling.Tests;

/// <summary>What a process may use is the least of the machine's memory and its control groups' limits.</summary>
public sealed class HostMemoryTests : IDisposable
{
    private const long MiB = 1 << 20;
    private readonly TemporaryFolder _root = new();

    public HostMemoryTests() => Write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree: 1 kB\n");

    [Fact]
    public void Without_a_limit_it_is_the_machines()
    {
        Write("proc/self/cgroup", "0::/user.slice\n");
        Write("sys/fs/cgroup/user.slice/memory.max", "max\n");
        Assert.Equal(16384 * MiB, HostMemory.LimitUnder(_root.Path));
    }

    [Theory]
    [InlineData("0::/\n", "sys/fs/cgroup/memory.max")]
    [InlineData("0::/kubepods/pod1/container\n", "sys/fs/cgroup/kubepods/pod1/container/memory.max")]
    [InlineData("0::/kubepods/pod1/container\n", "sys/fs/cgroup/kubepods/pod1/memory.max")]
    [InlineData("0::/a/path/of/the/host\n", "sys/fs/cgroup/memory.max")]
    [InlineData("5:cpu:/x\n4:memory:/docker/1\n0::/\n", "sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes")]
    [InlineData("4:cpu,memory:/docker/1\n", "sys/fs/cgroup/memory/memory.limit_in_bytes")]
    public void A_groups_limit_counts_or_that_of_a_group_around_it(string groups, string file)
    {
        Write("proc/self/cgroup", groups);
        Write(file, $"{2048 * MiB}\n");
        Assert.Equal(2048 * MiB, HostMemory.LimitUnder(_root.Path));
    }

    [Theory]
    [InlineData("9223372036854771712")] // Version 1's "no limit".
    [InlineData("18446744073709551615")]
    [InlineData("0")]
    [InlineData("")]
    public void What_is_no_limit_does_not_count(string limit)
    {
        Write("proc/self/cgroup", "4:memory:/\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", limit);
        Assert.Equal(16384 * MiB, HostMemory.LimitUnder(_root.Path));
    }

    [Fact]
    public void This_machine_has_some() => Assert.InRange(HostMemory.LimitBytes, 64 * MiB, 1L << 50);

    public void Dispose() => _root.Dispose();

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
