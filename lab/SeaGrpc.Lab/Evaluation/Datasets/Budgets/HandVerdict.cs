using SeaGrpc.Cli;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A person's verdict on one answer.</summary>
/// <param name="Row">The row's id.</param>
/// <param name="Method">The method's text.</param>
/// <param name="Refuses">Whether the answer refuses.</param>
internal sealed record HandVerdict(string Row, string Method, bool Refuses)
{
    /// <summary>The verdicts of a comparison's folder: CSV with the columns row, method and refuses (yes or no).</summary>
    public const string File = "read-by-hand.csv";

    /// <summary>Reads them; none where there is no file.</summary>
    /// <exception cref="CliException">It is another kind of file.</exception>
    public static IReadOnlyList<HandVerdict> Load(string folder)
    {
        string path = Path.Combine(folder, File);
        return System.IO.File.Exists(path)
            ? [.. CsvRecords.Read(System.IO.File.ReadAllText(path)).Select(record => Of(path, record))]
            : [];
    }

    private static HandVerdict Of(string path, DatasetRecord record) =>
        record.Fields is not null && record.Optional("row") is { } row && record.Optional("method") is { } method
        && record.Optional("refuses") is "yes" or "no"
            ? new HandVerdict(row, method, record.Optional("refuses") == "yes")
            : throw new CliException($"{path}:{record.Line} is no verdict: write row, method, and yes or no.", ExitCodes.Failure);
}
