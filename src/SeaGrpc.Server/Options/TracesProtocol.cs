namespace SeaGrpc.Server.Options;

/// <summary>How spans are sent to a collector.</summary>
public enum TracesProtocol
{
    /// <summary>OTLP over gRPC.</summary>
    Grpc,

    /// <summary>OTLP over HTTP, in protobuf's binary form.</summary>
    HttpProtobuf,
}
