namespace SeaGrpc.Modeling.Transformer.Cpu;

/// <summary>Does rows in parallel, on as many threads as one tensor operation uses.</summary>
internal static class RowLoop
{
    /// <summary>Fewer numbers than these are done sooner than another thread begins.</summary>
    private const long LeastNumbers = 65_536;

    /// <summary>Rows [first, end).</summary>
    internal delegate void Rows(long first, long end);

    /// <summary>Does all rows, each in one piece.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="numbers">Numbers of a row, to weigh the work.</param>
    /// <param name="body">Does a range of rows; ranges run at the same time.</param>
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
