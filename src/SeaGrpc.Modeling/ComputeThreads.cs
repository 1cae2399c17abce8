using TorchSharp;

namespace SeaGrpc.Modeling;

/// <summary>Number of threads that one tensor operation uses on the CPU.</summary>
public static class ComputeThreads
{
    /// <summary>
    /// From this number of weights on, a model's products are large enough for several threads and for the number format to matter.
    /// </summary>
    public const long ManyWeights = 20_000_000;

    /// <summary>The current number of threads, for the whole process.</summary>
    public static int Count => torch.get_num_threads();

    /// <summary>Sets the number of threads for the whole process.</summary>
    /// <param name="count">Number of threads; at least 1.</param>
    public static void Set(int count) => torch.set_num_threads(count);
}
