using SeaGrpc.Modeling;

namespace SeaGrpc.Server;

/// <summary>Who is told how a server's start goes.</summary>
/// <param name="Loading">Receives how far the weights have been read, from any thread.</param>
/// <param name="Ready">Called once, when calls are accepted.</param>
public sealed record StartWatch(IProgress<LoadState> Loading, Func<ServerStart, Task> Ready);

/// <summary>A server that accepts calls.</summary>
/// <param name="Addresses">Where it listens: gRPC first, then HTTP if it is enabled.</param>
/// <param name="Description">What it serves, in lines for people.</param>
public sealed record ServerStart(IReadOnlyList<string> Addresses, string Description);
