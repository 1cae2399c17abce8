using Google.Rpc;
using Grpc.Health.V1;
using Grpc.Reflection;
using SeaGrpc.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace SeaGrpc.Server.Hosting;

/// <summary>What reflection serves: the services, and the messages that errors carry as details.</summary>
internal static class ReflectedContract
{
    private static readonly ServiceDescriptor[] Described = [AlignmentService.Descriptor, InfoService.Descriptor, Health.Descriptor];

    /// <summary>Full names of the services.</summary>
    public static IEnumerable<string> Services => Described.Select(service => service.FullName);

    /// <summary>The files of the services and of the error details, with all their imports.</summary>
    public static SymbolRegistry Symbols { get; } =
        SymbolRegistry.FromFiles([.. Described.Select(service => service.File), ErrorDetailsReflection.Descriptor]);
}
