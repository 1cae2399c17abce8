namespace SeaGrpc.Server.Listening;

/// <summary>The server cannot listen where it should; the message says why and what to change.</summary>
internal sealed class ListenException(string message, Exception? cause = null) : Exception(message, cause);
