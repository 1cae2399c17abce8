namespace SeaGrpc.Server.Engines;

/// <summary>A row has a token that is only part of a character, of which the engine tells no log-probability.</summary>
internal sealed class PartOfCharacterException()
    : Exception("drew parts of characters again and again, and tells no log-probabilities of these");
