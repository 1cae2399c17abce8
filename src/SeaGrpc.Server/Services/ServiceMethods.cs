using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using SeaGrpc.Server.Errors;
using SeaGrpc.Server.Intake;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace SeaGrpc.Server.Services;

/// <summary>
/// Binds the RPCs of a service to its class. The generated binding would leave a message that is not valid protobuf (such as a text that is
/// not UTF-8) to the library, which answers UNKNOWN before any of our code runs. This binding answers INVALID_ARGUMENT.
/// </summary>
/// <param name="service">The service's descriptor.</param>
/// <param name="sizes">Size limits of a request's fields.</param>
/// <param name="bind">Adds the methods.</param>
internal sealed class ServiceMethods<TService>(ServiceDescriptor service, FieldSizes sizes, Action<ServiceMethods<TService>.Binder> bind)
    : IServiceMethodProvider<TService>
    where TService : class
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context) => bind(new Binder(service, sizes, context));

    /// <summary>Adds methods one at a time.</summary>
    internal sealed class Binder(ServiceDescriptor service, FieldSizes sizes, ServiceMethodProviderContext<TService> context)
    {
        /// <summary>Adds a method with one request and one response.</summary>
        public void Unary<TRequest, TResponse>(string name, UnaryServerMethod<TService, TRequest, TResponse> handler)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            context.AddUnaryMethod(Method<TRequest, TResponse>(MethodType.Unary, name), [], handler);

        /// <summary>Adds a method with one request and a stream of responses.</summary>
        public void ServerStreaming<TRequest, TResponse>(string name, ServerStreamingServerMethod<TService, TRequest, TResponse> handler)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            context.AddServerStreamingMethod(Method<TRequest, TResponse>(MethodType.ServerStreaming, name), [], handler);

        private Method<TRequest, TResponse> Method<TRequest, TResponse>(MethodType type, string name)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            new(type, service.FullName, name, Marshaller<TRequest>(), Marshaller<TResponse>());

        private Marshaller<TMessage> Marshaller<TMessage>()
            where TMessage : class, IMessage<TMessage>, new()
        {
            // Unknown fields are not kept.
            MessageParser<TMessage> parser = new MessageParser<TMessage>(() => new TMessage()).WithDiscardUnknownFields(true);
            MessageDescriptor type = new TMessage().Descriptor;
            return new Marshaller<TMessage>(Serialize, context => Parse(parser, type, context));
        }

        private static void Serialize<TMessage>(TMessage message, SerializationContext context)
            where TMessage : IMessage
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        }

        private TMessage Parse<TMessage>(MessageParser<TMessage> parser, MessageDescriptor type, DeserializationContext context)
            where TMessage : IMessage<TMessage>
        {
            ReadOnlySequence<byte> message = context.PayloadAsReadOnlySequence();
            if (MessageScan.Excess(message, type, sizes) is { } excess)
            {
                throw ErrorMapping.TryMap(new InvalidRequestException([excess]))!;
            }

            try
            {
                return parser.ParseFrom(message);
            }
            catch (InvalidProtocolBufferException invalid)
            {
                throw ErrorMapping.Malformed(
                    $"The message is not a valid {typeof(TMessage).Name}: {invalid.Message} Texts must be UTF-8; "
                        + "encode it with a protobuf library.");
            }
        }
    }
}
