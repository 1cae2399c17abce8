using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using SeaGrpc.Server.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SeaGrpc.Server.Hosting;

/// <summary>
/// The program as its own health probe: asks a server on this machine, found through the same settings, whether it takes calls. For images
/// and service managers that have no other client.
/// </summary>
internal static class HealthProbe
{
    /// <summary>The argument that runs the probe.</summary>
    public const string Argument = "--health-check";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Probes once.</summary>
    /// <param name="transport">Where the server listens.</param>
    /// <returns>0 if the server takes calls, else 1. Also writes the result to the standard streams.</returns>
    public static async Task<int> RunAsync(TransportOptions transport)
    {
        if (!ListenAddress.TryParse(transport.Grpc, out ListenAddress? address))
        {
            throw new InvalidOperationException($"'{transport.Grpc}' was validated as an address.");
        }

        if (address is TcpListenAddress { Port: 0 })
        {
            await Console.Error.WriteLineAsync(
                $"{transport.Grpc} has no fixed port, so there is no address to ask: give {Argument} the port that the server "
                    + $"listens on; its log shows it.");
            return 1;
        }

        using GrpcChannel channel = GrpcChannel.ForAddress(
            "http://localhost",
            new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    ConnectCallback = async (_, cancellationToken) => await address.ConnectAsync(cancellationToken),
                },
                DisposeHttpClient = true,
            }
        );
        try
        {
            HealthCheckResponse answer = await new Health.HealthClient(channel)
                .CheckAsync(new HealthCheckRequest(), deadline: DateTime.UtcNow + Patience);
            if (answer.Status == ServingStatus.Serving)
            {
                Console.WriteLine($"{transport.Grpc} is serving.");
                return 0;
            }

            await Console.Error.WriteLineAsync(
                $"{transport.Grpc} is not serving: it is loading its models, shutting down, or has lost its device.");
        }
        catch (RpcException failure)
        {
            await Console.Error.WriteLineAsync(
                $"{transport.Grpc} does not answer: {failure.Status.DebugException?.GetBaseException().Message ?? failure.Status.Detail}.");
        }

        return 1;
    }
}
