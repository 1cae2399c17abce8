namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>A data file that cannot be used at all; the message names the file, what was expected and what was found.</summary>
public sealed class DatasetException(string message, Exception? cause = null) : Exception(message, cause);
