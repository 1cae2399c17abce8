namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>One record of a file of any form: named fields, or a fault.</summary>
/// <param name="Line">Number of the line where it starts, from 1.</param>
/// <param name="Fields">Its fields by name; null if it cannot be read.</param>
/// <param name="Fault">Why it cannot be read; null if it can.</param>
internal sealed record DatasetRecord(int Line, IReadOnlyDictionary<string, string>? Fields, string? Fault)
{
    public static DatasetRecord Bad(int line, string fault) => new(line, null, fault);

    /// <summary>A field that must not be blank.</summary>
    /// <exception cref="RowException">It is absent or blank.</exception>
    public string Required(string name) =>
        Optional(name) ?? throw new RowException($"the field '{name}' is {(Fields!.ContainsKey(name) ? "empty" : "missing")}");

    /// <summary>A field without the white space around it; null if it is absent or blank.</summary>
    public string? Optional(string name) =>
        Fields!.TryGetValue(name, out string? value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}

/// <summary>A record that lacks what its data set needs; the message says what.</summary>
internal sealed class RowException(string message) : Exception(message);
