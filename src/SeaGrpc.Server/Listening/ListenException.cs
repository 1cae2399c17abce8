namespace SeaGrpc.Server.Listening;

/// <summary>The server cannot listen on an address. The message says why and what to change.</summary>
internal sealed class ListenException(string message, Exception? cause = null) : Exception(message, cause);
