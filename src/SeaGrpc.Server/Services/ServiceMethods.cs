using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using SeaGrpc.Server.Errors;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace SeaGrpc.Server.Services;

/// <summary>
/// Binds the RPCs of a service to its class. Stands in for the generated binding because that leaves a message which is no
/// valid protobuf (a text that is no UTF-8, say) to the library, which answers UNKNOWN before any of our code runs; here it
/// is INVALID_ARGUMENT.
/// </summary>
/// <param name="service">The service's descriptor.</param>
/// <param name="bind">Adds the methods.</param>
internal sealed class ServiceMethods<TService>(ServiceDescriptor service, Action<ServiceMethods<TService>.Binder> bind) : IServiceMethodProvider<TService>
    where TService : class
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context) => bind(new Binder(service, context));

    /// <summary>Adds one method at a time.</summary>
    internal sealed class Binder(ServiceDescriptor service, ServiceMethodProviderContext<TService> context)
    {
        /// <summary>One request, one response.</summary>
        public void Unary<TRequest, TResponse>(string name, UnaryServerMethod<TService, TRequest, TResponse> handler)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            context.AddUnaryMethod(Method<TRequest, TResponse>(MethodType.Unary, name), [], handler);

        /// <summary>One request, a stream of responses.</summary>
        public void ServerStreaming<TRequest, TResponse>(string name, ServerStreamingServerMethod<TService, TRequest, TResponse> handler)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            context.AddServerStreamingMethod(Method<TRequest, TResponse>(MethodType.ServerStreaming, name), [], handler);

        private Method<TRequest, TResponse> Method<TRequest, TResponse>(MethodType type, string name)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            new(type, service.FullName, name, Marshaller<TRequest>(), Marshaller<TResponse>());

        private static Marshaller<TMessage> Marshaller<TMessage>()
            where TMessage : class, IMessage<TMessage>, new()
        {
            var parser = new MessageParser<TMessage>(() => new TMessage());
            return new Marshaller<TMessage>(Serialize, context => Parse(parser, context));
        }

        private static void Serialize<TMessage>(TMessage message, SerializationContext context)
            where TMessage : IMessage
        {
            context.SetPayloadLength(message.CalculateSize());
            message.WriteTo(context.GetBufferWriter());
            context.Complete();
        }

        private static TMessage Parse<TMessage>(MessageParser<TMessage> parser, DeserializationContext context)
            where TMessage : IMessage<TMessage>
        {
            try
            {
                return parser.ParseFrom(context.PayloadAsReadOnlySequence());
            }
            catch (InvalidProtocolBufferException invalid)
            {
                throw ErrorMapping.Malformed(
                    $"The message is no valid {typeof(TMessage).Name}: {invalid.Message} Texts must be UTF-8; encode it with a protobuf library.");
            }
        }
    }
}
