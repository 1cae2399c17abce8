using System.Net;
using System.Net.Security;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using SeaGrpc.Server.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// The program as its own health probe: asks a server on this machine, found through the same settings, whether it takes calls. For images
/// and service managers that have no other client. Where gRPC is TLS, it asks over plain HTTP if the server has that, as it has no
/// certificate of its own.
/// </summary>
internal static class HealthProbe
{
    /// <summary>The argument that runs the probe.</summary>
    public const string Argument = "--health-check";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Probes once.</summary>
    /// <param name="transport">Where the server listens.</param>
    /// <param name="tls">Whether it asks callers for certificates.</param>
    /// <returns>0 if the server takes calls, else 1. Also writes the result to the standard streams.</returns>
    public static async Task<int> RunAsync(TransportOptions transport, TlsOptions tls)
    {
        ListenAddress grpc = Parse(transport.Grpc)
            ?? throw new InvalidOperationException($"'{transport.Grpc}' was validated as an address.");
        if (grpc.IsTls && Parse(transport.Http) is { IsTls: false } http)
        {
            return await AskAsync(transport.Http, http, AskHttpAsync);
        }

        if (grpc.IsTls && tls.ClientCa is not null)
        {
            await Console.Error.WriteLineAsync(
                $"{transport.Grpc} asks for a certificate, which {Argument} does not have: give the server a plain address for health, "
                    + "SeaGrpc:Transport:Http=http://127.0.0.1:8080.");
            return 1;
        }

        return await AskAsync(transport.Grpc, grpc, AskGrpcAsync);
    }

    private static ListenAddress? Parse(string text) => ListenAddress.TryParse(text, out ListenAddress? address) ? address : null;

    private static async Task<int> AskAsync(string text, ListenAddress address, Func<ListenAddress, Task<bool>> ask)
    {
        if (address is TcpListenAddress { Port: 0 })
        {
            await Console.Error.WriteLineAsync(
                $"{text} has no fixed port, so there is no address to ask: give {Argument} the port that the server "
                    + $"listens on; its log shows it.");
            return 1;
        }

        try
        {
            if (await ask(address))
            {
                Console.WriteLine($"{text} is serving.");
                return 0;
            }

            await Console.Error.WriteLineAsync(
                $"{text} is not serving: it is loading its models, shutting down, or has lost its device.");
        }
        catch (RpcException failure)
        {
            await Console.Error.WriteLineAsync(
                $"{text} does not answer: {failure.Status.DebugException?.GetBaseException().Message ?? failure.Status.Detail}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{text} does not answer: {failure.GetBaseException().Message}.");
        }

        return 1;
    }

    private static async Task<bool> AskGrpcAsync(ListenAddress address)
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(
            address.IsTls ? "https://localhost" : "http://localhost",
            new GrpcChannelOptions { HttpHandler = Handler(address), DisposeHttpClient = true });
        HealthCheckResponse answer = await new Health.HealthClient(channel)
            .CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow + Patience);
        return answer.Status == ServingStatus.Serving;
    }

    private static async Task<bool> AskHttpAsync(ListenAddress address)
    {
        using var http = new HttpClient(Handler(address)) { Timeout = Patience };
        using HttpResponseMessage answer = await http.GetAsync(new Uri("http://localhost/healthz/ready"));
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private static SocketsHttpHandler Handler(ListenAddress address) => new()
    {
        ConnectCallback = async (_, cancellationToken) => await address.ConnectAsync(cancellationToken),

        // The server is on this machine, its certificate is for the name that others call it by, and nothing secret is sent.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null },
    };
}
