using SeaGrpc.Alignment.Policies;
using SeaGrpc.Alignment.Rewards;

namespace SeaGrpc.Server;

/// <summary>Describes in one paragraph why the server could not start and what to change.</summary>
internal static class StartFailure
{
    /// <summary>Omits stack traces, and type names where the message is clear by itself.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        InvalidDataException { InnerException: { } unread } =>
            $"{failure.Message} {unread.Message}{(unread.InnerException is { } why ? $" {why.Message}" : string.Empty)}",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } inUse =>
            $"{inUse.Message} Stop the other program, or listen elsewhere: --SeaGrpc:Transport:Grpc=http://127.0.0.1:PORT and "
                + "--SeaGrpc:Transport:Http=http://127.0.0.1:PORT (or none); the OpenAI-compatible API: --SeaGrpc:OpenAi:Address.",
        RewardFailedException =>
            $"{failure.Message} Start it, or correct its settings SeaGrpc:Models:Rewards:NAME (Endpoint, Kind, Model, ApiKey, Label).",
        PolicyFailedException =>
            $"{failure.Message} Start it, or correct its settings SeaGrpc:Models:Engine (Endpoint, Kind, Model, ApiKey, Alternatives).",
        AggregateException { InnerExceptions: [{ } only] } => Describe(only),
        DirectoryNotFoundException or FileNotFoundException =>
            $"{failure.Message} Check the folders SeaGrpc:Models:Policy and SeaGrpc:Models:Reward.",
        _ => failure.InnerException is { } inner && failure is InvalidOperationException
            ? $"{failure.Message} {inner.Message}"
            : failure.Message,
    };
}
