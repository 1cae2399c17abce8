namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>One question of a data set.</summary>
/// <param name="Id">
/// Identifies the row within its file: the file's own id if it has one, else the number of the line where the row starts.
/// </param>
/// <param name="Line">Number of the line where the row starts, from 1.</param>
/// <param name="Question">The question or request, as the file has it.</param>
public sealed record DatasetRow(string Id, int Line, string Question)
{
    /// <summary>The reference answer alone: a number, a formula, the best answer; empty if the data set has none.</summary>
    public string Reference { get; init; } = "";

    /// <summary>The worked solution that ends with the reference answer; empty if the data set has none.</summary>
    public string Solution { get; init; } = "";

    /// <summary>The beginning of an answer that must not be given; empty if the data set has none.</summary>
    public string Target { get; init; } = "";

    /// <summary>Answers that count as right.</summary>
    public IReadOnlyList<string> CorrectAnswers { get; init; } = [];

    /// <summary>Answers that count as wrong.</summary>
    public IReadOnlyList<string> IncorrectAnswers { get; init; } = [];
}
