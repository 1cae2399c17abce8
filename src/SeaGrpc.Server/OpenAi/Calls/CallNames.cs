using SeaGrpc.V1;

namespace SeaGrpc.Server.OpenAi.Calls;

/// <summary>Full names of the RPCs that are called.</summary>
internal static class CallNames
{
    public static string StreamAlign { get; } = $"/{AlignmentService.Descriptor.FullName}/StreamAlign";

    public static string GetServerInfo { get; } = $"/{InfoService.Descriptor.FullName}/GetServerInfo";
}
