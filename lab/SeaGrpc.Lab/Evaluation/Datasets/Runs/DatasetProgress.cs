namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>How far a method is.</summary>
/// <param name="Method">The method.</param>
/// <param name="Done">Rows with a result.</param>
/// <param name="Total">Rows in all.</param>
/// <param name="Newest">The result that was just made; null if earlier ones were counted.</param>
internal sealed record DatasetProgress(string Method, int Done, int Total, RowResult? Newest);
