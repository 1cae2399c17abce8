using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Tests;

/// <summary>A server that plays what real models do not do on demand: refusals, control characters, runs of any length.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    public const string BusyPrompt = "busy";
    public const string BadPrompt = "bad";

    /// <summary>A run that no CancelAlignment ends.</summary>
    public const string StubbornPrompt = "stubborn";

    public const string DraftText = "we will never\u001b[31m call you";
    public const string AnswerText = "we will always\u001b[31m call you";

    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Completes when a client has asked to cancel a run.</summary>
    public Task CancelRequested => _app.Services.GetRequiredService<TaskCompletionSource>().Task;

    public static async Task<ScriptedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<ConcurrentDictionary<string, CancellationTokenSource>>();
        builder.Services.AddSingleton(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var app = builder.Build();
        app.MapGrpcService<Alignments>();
        app.MapGrpcService<Information>();
        await app.StartAsync();
        return new ScriptedServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class Information : InfoService.InfoServiceBase
    {
        public override Task<GetServerInfoResponse> GetServerInfo(GetServerInfoRequest request, ServerCallContext context) =>
            Task.FromResult(new GetServerInfoResponse
            {
                Device = "cpu",
                Models =
                {
                    new ModelInfo { Role = ModelRole.Policy, Name = "scripted-policy", ParameterCount = 1_200_000 },
                    new ModelInfo { Role = ModelRole.Reward, Name = "scripted-reward", ParameterCount = 900 },
                },
            });
    }

    private sealed class Alignments(
        ConcurrentDictionary<string, CancellationTokenSource> running, TaskCompletionSource cancelRequested)
            : AlignmentService.AlignmentServiceBase
    {
        public override async Task StreamAlign(
            StreamAlignRequest request, IServerStreamWriter<StreamAlignResponse> responseStream, ServerCallContext context)
        {
            var spec = request.Spec;
            Refuse(spec.Prompt.Chat.Messages.Single().Content);
            using var cancelled = new CancellationTokenSource();
            running[spec.RequestId] = spec.Prompt.Chat.Messages.Single().Content == StubbornPrompt
                ? new CancellationTokenSource()
                : cancelled;
            var sequence = 0;
            Task Send(StreamAlignResponse message)
            {
                message.Sequence = sequence++;
                return responseStream.WriteAsync(message);
            }

            var draft =
                new ScoredResponse { Text = DraftText, TokenIds = { 1, 2, 3, 4, 5 }, Reward = -1, Energy = 24, LogProbability = -20 };
            var answer =
                new ScoredResponse { Text = AnswerText, TokenIds = { 1, 2, 9, 4, 5 }, Reward = 3, Energy = 8.5, LogProbability = -20.5 };
            await Send(new StreamAlignResponse { Started = new AlignmentStarted { AlignmentId = "a", EffectiveSpec = spec } });
            await Send(new StreamAlignResponse { Draft = new AlignmentDraft { Best = draft } });
            var index = 0;
            while (index < spec.Sea.Iterations && !cancelled.IsCancellationRequested)
            {
                index++;
                await Send(new StreamAlignResponse
                {
                    Iteration = new AlignmentIteration { Index = index, Total = spec.Sea.Iterations, Best = index > 2 ? answer : draft },
                });
                await Task.Delay(5, context.CancellationToken);
            }

            await Send(new StreamAlignResponse
            {
                Final = new AlignmentFinal
                {
                    Draft = draft,
                    Response = answer,
                    ChangedSpans = { new ChangedSpan { Start = 8, End = 14, DraftStart = 8, DraftEnd = 13 } },
                    IterationsRun = index,
                    Iteration = 3,
                    StopReason = cancelled.IsCancellationRequested ? StopReason.Cancelled : StopReason.Iterations,
                    RunDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(1.5)),
                },
            });
        }

        public override Task<CancelAlignmentResponse> CancelAlignment(CancelAlignmentRequest request, ServerCallContext context)
        {
            var known = running.TryGetValue(request.RequestId, out var cancelled);
            cancelled?.Cancel();
            cancelRequested.TrySetResult();
            return Task.FromResult(new CancelAlignmentResponse { Cancelled = known });
        }

        private static void Refuse(string prompt)
        {
            if (prompt == BusyPrompt)
            {
                var retry = new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) };
                throw new Google.Rpc.Status
                {
                    Code = (int)Code.ResourceExhausted,
                    Message = "The queue is full.",
                    Details = { Any.Pack(retry) }
                }
                    .ToRpcException();
            }

            if (prompt == BadPrompt)
            {
                var bad = new BadRequest
                {
                    FieldViolations =
                    {
                        new BadRequest.Types.FieldViolation { Field = "spec.sea.chains", Description = "is 0; at least 1" },
                        new BadRequest.Types.FieldViolation { Field = "spec.sea.step_size", Description = "is negative" },
                    },
                };
                throw new Google.Rpc.Status { Code = (int)Code.InvalidArgument, Message = "2 violations.", Details = { Any.Pack(bad) } }
                    .ToRpcException();
            }
        }
    }
}
