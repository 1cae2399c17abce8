namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>The progress of a method.</summary>
/// <param name="Method">The method.</param>
/// <param name="Done">Rows with a result.</param>
/// <param name="Total">Rows in all.</param>
/// <param name="Newest">The newest result; null if earlier ones were counted.</param>
internal sealed record DatasetProgress(string Method, int Done, int Total, RowResult? Newest);
