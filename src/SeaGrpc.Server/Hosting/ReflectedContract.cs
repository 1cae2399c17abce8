using Google.Rpc;
using Grpc.Health.V1;
using Grpc.Reflection;
using SeaGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// What reflection tells: the services, and besides them the messages that errors carry as details, so that a caller can read those.
/// </summary>
internal static class ReflectedContract
{
    private static readonly ServiceDescriptor[] Described = [AlignmentService.Descriptor, InfoService.Descriptor, Health.Descriptor];

    /// <summary>Full names of the services.</summary>
    public static IEnumerable<string> Services => Described.Select(service => service.FullName);

    /// <summary>Their files, the error details' file, and all that those import.</summary>
    public static SymbolRegistry Symbols { get; } =
        SymbolRegistry.FromFiles([.. Described.Select(service => service.File), ErrorDetailsReflection.Descriptor]);
}
