namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>A row that cannot be used; it does not affect the others.</summary>
/// <param name="Line">Number of the line where the row starts, from 1.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record RowFault(int Line, string Message);
