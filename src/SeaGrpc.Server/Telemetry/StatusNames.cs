using Grpc.Core;
using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Telemetry;

/// <summary>The names of gRPC's status codes as its specification writes them.</summary>
internal static class StatusNames
{
    private static readonly Dictionary<StatusCode, string> Names = Enum.GetValues<StatusCode>().ToDictionary(
        code => code, code => ContractNames.Snake(code.ToString()).ToUpperInvariant());

    /// <summary>The name of a code, such as INVALID_ARGUMENT.</summary>
    public static string Of(StatusCode code) => Names[code];
}
