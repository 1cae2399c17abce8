using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SeaGrpc.Server.Logging;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;

namespace SeaGrpc.Server.Intake;

/// <summary>
/// Puts an <see cref="IntakeReader"/> in front of every RPC's body, and logs calls that end before a service reads their body.
/// </summary>
internal sealed class RequestIntake(
    RequestDelegate next, IOptions<TransportOptions> transport, FieldSizes sizes, InboundBytes inbound, PreparationGate preparation,
    UnreadCallLog unread)
{
    private static readonly Dictionary<string, MessageDescriptor> Types = AlignmentService.Descriptor.Methods
        .Concat(InfoService.Descriptor.Methods)
        .ToDictionary(method => $"/{method.Service.FullName}/{method.Name}", method => method.InputType);

    /// <summary>Processes the call.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method is not { } method)
        {
            await next(context);
            return;
        }

        MessageDescriptor? type = Types.GetValueOrDefault(method.FullName);
        var rules = new IntakeRules(
            transport.Value.MaxRequestBytes, method.Type is MethodType.Unary or MethodType.ServerStreaming, type, sizes, inbound,
            preparation);
        IRequestBodyPipeFeature? before = context.Features.Get<IRequestBodyPipeFeature>();
        var reader = new IntakeReader(context.Request.BodyReader, rules, context.RequestAborted);
        context.Features.Set<IRequestBodyPipeFeature>(new RequestBody(reader));
        context.Features.Set<IPreparation>(reader);
        long start = unread.Start();
        try
        {
            await next(context);
        }
        finally
        {
            context.Features.Set(before);
            reader.Release();
            if (type is not null)
            {
                unread.Log(context, method.FullName, start);
            }
        }
    }
}
