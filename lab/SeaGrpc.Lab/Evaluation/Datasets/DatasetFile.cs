using System.Security.Cryptography;

namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>A data file that has been read: its valid rows and its faulty ones.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Sha256">Of its bytes, in lower-case hex.</param>
/// <param name="Rows">The good rows, in order.</param>
/// <param name="Faults">The bad ones, in order.</param>
public sealed record DatasetFile(string Path, string Sha256, IReadOnlyList<DatasetRow> Rows, IReadOnlyList<RowFault> Faults)
{
    /// <summary>Reads a file; a bad row is a fault, not an error.</summary>
    /// <param name="suite">What it should hold.</param>
    /// <param name="path">Its path.</param>
    /// <exception cref="DatasetException">There is no such file, it is another kind of file, or none of its rows is good.</exception>
    public static DatasetFile Load(DatasetSuite suite, string path)
    {
        ArgumentNullException.ThrowIfNull(suite);
        byte[] bytes = ReadBytes(path);
        string text = DatasetText.Decode(bytes, path);
        if (suite.IsCsv)
        {
            CheckHeader(suite, path, text);
        }

        var rows = new List<DatasetRow>();
        var faults = new List<RowFault>();
        var ids = new HashSet<string>();
        DatasetRecord? first = null;
        foreach (DatasetRecord record in suite.IsCsv ? CsvRecords.Read(text) : JsonLineRecords.Read(text))
        {
            first ??= record;
            try
            {
                DatasetRow row = record.Fault is { } fault ? throw new RowException(fault) : suite.ToRow(record);
                rows.Add(ids.Add(row.Id) ? row : throw new RowException($"its id '{row.Id}' is another row's too"));
            }
            catch (RowException error)
            {
                faults.Add(new RowFault(record.Line, error.Message));
            }
        }

        return rows.Count > 0
            ? new DatasetFile(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), rows, faults)
            : throw NoGoodRow(suite, path, first, faults);
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"The data file {path} cannot be read: {error.Message}", error);
        }
    }

    private static void CheckHeader(DatasetSuite suite, string path, string text)
    {
        string[] header = CsvRecords.Header(text);
        if (suite.Fields.Except(header).Any())
        {
            string found = header.Length == 0
                ? "it is empty"
                : text.TrimStart().StartsWith('{')
                ? "it holds JSON"
                : "found: " + string.Join(", ", header);
            throw new DatasetException(
                $"{path} is not a file of suite {suite.Name}: expected CSV with the columns {string.Join(", ", suite.Fields)}; {found}.");
        }
    }

    private static DatasetException NoGoodRow(DatasetSuite suite, string path, DatasetRecord? first, List<RowFault> faults)
    {
        string form = suite.IsCsv ? "CSV with the columns" : "JSON lines with the fields";
        string found = first is null ? "it has no rows"
            : first.Fields is null ? $"line {first.Line}: {faults[0].Message}"
            : $"found: {string.Join(", ", first.Fields.Keys)}; line {first.Line}: {faults[0].Message}";
        return new DatasetException(
            $"{path} is not a file of suite {suite.Name}: expected {form} {string.Join(", ", suite.Fields)}; {found}.");
    }
}
