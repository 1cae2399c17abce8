using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets.Runs;

/// <summary>A server that answers with what the test says, and refuses where it says so: real models do neither on demand.</summary>
public sealed class ScriptedAligner : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedAligner(WebApplication app, Script script) => (_app, Requests) = (app, script.Requests);

    public string Address => _app.Urls.Single();

    /// <summary>Every request so far.</summary>
    public ConcurrentQueue<AlignmentSpec> Requests { get; }

    /// <summary>Starts it.</summary>
    /// <param name="answer">The answer to a prompt, or an RpcException; told how often the prompt has been sent, from 1.</param>
    public static async Task<ScriptedAligner> StartAsync(Func<string, int, string> answer)
    {
        var script = new Script(answer, []);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(script);
        WebApplication app = builder.Build();
        app.MapGrpcService<Alignments>();
        app.MapGrpcService<Information>();
        await app.StartAsync();
        return new ScriptedAligner(app, script);
    }

    /// <summary>A full queue that asks to come back later.</summary>
    public static RpcException Busy(int pushbackMilliseconds) =>
        new(
            new Status(StatusCode.ResourceExhausted, "The queue is full."),
            new Metadata { { "grpc-retry-pushback-ms", $"{pushbackMilliseconds}" } }
        );

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed record Script(Func<string, int, string> Answer, ConcurrentQueue<AlignmentSpec> Requests);

    private sealed class Information : InfoService.InfoServiceBase
    {
        public override Task<GetServerInfoResponse> GetServerInfo(GetServerInfoRequest request, ServerCallContext context) =>
            Task.FromResult(
                new GetServerInfoResponse
                {
                    Device = "cpu",
                    Dtype = "float32",
                    Models =
                    {
                        new ModelInfo
                        {
                            Role = ModelRole.Policy,
                            Name = "scripted",
                            Sha256 = "a",
                        },
                    },
                }
            );
    }

    private sealed class Alignments(Script script) : AlignmentService.AlignmentServiceBase
    {
        public override Task<AlignResponse> Align(AlignRequest request, ServerCallContext context)
        {
            script.Requests.Enqueue(request.Spec);
            string prompt = request.Spec.Prompt.Chat.Messages.Single().Content;
            int times = script.Requests.Count(spec => spec.Prompt.Chat.Messages.Single().Content == prompt);
            return Task.FromResult(
                new AlignResponse
                {
                    Final = new AlignmentFinal
                    {
                        Response = new ScoredResponse { Text = script.Answer(prompt, times), Reward = 2 },
                        StopReason = StopReason.Iterations,
                        RunDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(0.5)),
                        Cost = new AlignmentCost { PolicyTokens = 10, RewardTokens = 20 },
                    },
                }
            );
        }
    }
}
