using SeaGrpc.Modeling;

namespace SeaGrpc.Server;

/// <summary>Who is told how a server's start goes.</summary>
/// <param name="Loading">Receives how far the weights have been read, from any thread.</param>
/// <param name="Ready">Called once, when calls are accepted.</param>
/// <param name="Stages">Receives what is being done besides reading weights, in words; null for nobody.</param>
public sealed record StartWatch(
    IProgress<LoadState> Loading, Func<ServerStart, Task> Ready, IProgress<string>? Stages = null);

/// <summary>A server that accepts calls.</summary>
/// <param name="Grpc">Address of gRPC: http, https, or unix and a path.</param>
/// <param name="Http">Address of health, metrics and the console; null if HTTP is not served.</param>
/// <param name="OpenAi">Address of the OpenAI-compatible API, without /v1; null if it is not served.</param>
/// <param name="Policy">The policy's name.</param>
/// <param name="Description">What it serves, in lines for people.</param>
public sealed record ServerStart(string Grpc, string? Http, string? OpenAi, string Policy, string Description);
