namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Processes rows in parallel, on as many threads as one tensor operation uses.</summary>
internal static class RowLoop
{
    /// <summary>Below this count of numbers, the work is finished before another thread would start.</summary>
    private const long LeastNumbers = 65_536;

    /// <summary>Processes rows [first, end).</summary>
    internal delegate void Rows(long first, long end);

    /// <summary>Processes all rows. Each row is processed by one thread.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="numbers">Numbers per row, to estimate the work.</param>
    /// <param name="body">Processes a range of rows. Ranges run in parallel.</param>
    public static void Run(long rows, long numbers, Rows body)
    {
        int parts = (int)Math.Min(rows * numbers / LeastNumbers, Math.Min(rows, ComputeThreads.Count));
        if (parts <= 1)
        {
            body(0, rows);
            return;
        }

        ThreadTeam.Run(parts, part => body(rows * part / parts, rows * (part + 1) / parts));
    }
}
