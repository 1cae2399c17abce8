using SeaGrpc.Modeling.Transformer.Cpu;
using static TorchSharp.torch;

namespace SeaGrpc.Modeling.Tests;

/// <summary>Work on the threads that libtorch's operators run on.</summary>
public sealed class ThreadTeamTests
{
    [Fact]
    public void Every_part_is_done_once()
    {
        // An operator of its own makes the threads.
        using Tensor some = ones([512, 512]);
        using Tensor product = some.matmul(some);
        var done = new int[64];
        ThreadTeam.Run(done.Length, part => Interlocked.Increment(ref done[part]));
        Assert.All(done, times => Assert.Equal(1, times));
    }

    [Fact]
    public void An_exception_of_one_part_is_the_caller_s()
    {
        var done = new int[8];
        var thrown = Assert.Throws<InvalidOperationException>(() => ThreadTeam.Run(done.Length, part =>
        {
            done[part]++;
            if (part == 3)
            {
                throw new InvalidOperationException("The third.");
            }
        }));
        Assert.Equal("The third.", thrown.Message);
        Assert.All(done, times => Assert.Equal(1, times));
        ThreadTeam.Run(2, part => done[part]++);
        Assert.Equal(2, done[1]);
    }

    [Fact]
    public async Task Several_threads_may_have_work_at_once() => await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
    {
        for (int turn = 0; turn < 200; turn++)
        {
            long sum = 0;
            ThreadTeam.Run(3, part => Interlocked.Add(ref sum, part));
            Assert.Equal(3L, sum);
        }
    })));

    [Fact]
    public void Rows_are_covered_without_gaps()
    {
        var seen = new int[100_003];
        RowLoop.Run(seen.Length, 50, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                Interlocked.Increment(ref seen[row]);
            }
        });
        Assert.All(seen, times => Assert.Equal(1, times));
    }
}
