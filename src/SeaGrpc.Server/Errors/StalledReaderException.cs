namespace SeaGrpc.Server.Errors;

/// <summary>The caller did not take a message in time.</summary>
internal sealed class StalledReaderException(TimeSpan timeout)
    : Exception($"The caller read no message for {timeout.TotalSeconds:0.###} s; the run was cancelled.");
