namespace SeaGrpc.Server.OpenAi.Replies;

/// <summary>The models that may be named.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

/// <summary>A model that may be named.</summary>
/// <param name="Id">Its name, with a method or without.</param>
/// <param name="Object">model.</param>
/// <param name="Created">When the server started, in seconds since 1970.</param>
/// <param name="OwnedBy">Who serves it.</param>
internal sealed record ModelEntry(string Id, string Object, long Created, string OwnedBy);
