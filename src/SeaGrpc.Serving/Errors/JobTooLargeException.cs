using SeaGrpc.Alignment;

namespace SeaGrpc.Serving.Errors;

/// <summary>A request needs more memory than the server gives to all requests together. Unchanged, it can never run here.</summary>
public sealed class JobTooLargeException : Exception
{
    /// <summary>Creates the exception from the memory needed and the budget.</summary>
    public JobTooLargeException(TaskMemory needed, long budgetBytes)
        : base(Text(needed, budgetBytes))
    {
        NeededBytes = needed.Total;
        BudgetBytes = budgetBytes;
    }

    /// <summary>Bytes that the request needs, without the weights.</summary>
    public long NeededBytes { get; }

    /// <summary>Bytes that all running requests may need together.</summary>
    public long BudgetBytes { get; }

    private static string Text(TaskMemory needed, long budget)
    {
        ArgumentNullException.ThrowIfNull(needed);
        return $"The request needs about {MiB(needed.Total)} (keys and values {MiB(needed.Caches)}, activations {MiB(needed.Activations)}, "
            + $"vocabulary-wide tensors {MiB(needed.Vocabulary)}, heap fragmentation {MiB(needed.Waste)}), but this server allows all "
            + $"requests together {MiB(budget)}: ask for fewer chains or samples, "
            + "a shorter answer or a shorter prompt.";
    }

    private static string MiB(long bytes) => $"{bytes / 1048576.0:0.#} MiB";
}
