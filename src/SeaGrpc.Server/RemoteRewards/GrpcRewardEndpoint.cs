using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using SeaGrpc.Alignment.Rewards;
using SeaGrpc.Server.Options;
using SeaGrpc.V1;
using ChatMessage = SeaGrpc.Modeling.Tokenization.ChatMessage;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>
/// A reward behind the contract's RewardService. Each call has a deadline; UNAVAILABLE and RESOURCE_EXHAUSTED are retried by gRPC itself.
/// </summary>
internal sealed class GrpcRewardEndpoint : IRewardEndpoint
{
    private readonly string _name;
    private readonly RewardOptions _options;
    private readonly int _batch;
    private readonly GrpcChannel _channel;
    private readonly RewardService.RewardServiceClient _client;
    private readonly Metadata _headers = [];

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="batch">Maximum number of responses in one call.</param>
    public GrpcRewardEndpoint(string name, RewardOptions options, int batch)
    {
        _name = name;
        _options = options;
        _batch = batch;
        Address = options.Endpoint!;
        _channel = Connect(Address, new MethodConfig
        {
            Names = { MethodName.Default },
            RetryPolicy = options.Attempts == 1 ? null : new RetryPolicy
            {
                MaxAttempts = options.Attempts,
                InitialBackoff = TimeSpan.FromMilliseconds(100),
                MaxBackoff = TimeSpan.FromSeconds(2),
                BackoffMultiplier = 2,
                RetryableStatusCodes = { StatusCode.Unavailable, StatusCode.ResourceExhausted },
            },
        });
        _client = new RewardService.RewardServiceClient(_channel);
        if (options.ApiKey is { } key)
        {
            _headers.Add("authorization", $"Bearer {key}");
        }
    }

    public string Address { get; }

    public async Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<PromptTexts> prompts, CancellationToken cancellationToken)
    {
        var call = new CallOptions(_headers, DateTime.UtcNow + _options.Timeout, cancellationToken);
        IEnumerable<double>[] batches = await Task.WhenAll(prompts
            .SelectMany((prompt, index) => prompt.Responses.Select(response => (Index: index, Response: response)))
            .Chunk(_batch)
            .Select(batch => AskAsync(
                [
                    .. batch.GroupBy(one => one.Index)
                        .Select(own => prompts[own.Key] with { Responses = [.. own.Select(one => one.Response)] }),
                ],
                call)));
        return [.. batches.SelectMany(batch => batch)];
    }

    public void Dispose() => _channel.Dispose();

    private async Task<IEnumerable<double>> AskAsync(PromptTexts[] prompts, CallOptions call)
    {
        var request = new RewardServiceScoreRequest
        {
            Model = _options.Model ?? string.Empty,
            Prompts =
            {
                prompts.Select(prompt => new PromptResponses
                {
                    Messages = { prompt.Messages.Select(Turn) },
                    Responses = { prompt.Responses.Select(one => new ResponseToScore { Text = one.Text, Complete = one.IsComplete }) },
                }),
            },
        };
        try
        {
            RewardServiceScoreResponse response = await _client.ScoreAsync(request, call);
            if (response.Prompts.Count != prompts.Length)
            {
                throw Failed($"answered for {response.Prompts.Count} prompts instead of {prompts.Length}.", isMalformed: true);
            }

            foreach ((PromptTexts prompt, PromptRewards own) in prompts.Zip(response.Prompts))
            {
                if (own.Rewards.Count != prompt.Responses.Count)
                {
                    throw Failed(
                        $"answered with {own.Rewards.Count} numbers for {prompt.Responses.Count} responses.", isMalformed: true);
                }
            }

            return response.Prompts.SelectMany(own => own.Rewards);
        }
        catch (RpcException) when (call.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(call.CancellationToken);
        }
        catch (RpcException late) when (late.StatusCode == StatusCode.DeadlineExceeded)
        {
            throw Failed($"did not answer within {_options.Timeout.TotalSeconds:0.###} s.", cause: late);
        }
        catch (RpcException failure)
        {
            throw Failed(
                $"answered {failure.StatusCode}: {CallerText.Shown(failure.Status.Detail)}",
                cause: failure,
                isRefusal: failure.StatusCode == StatusCode.InvalidArgument);
        }
    }

    private RewardFailedException Failed(
        string problem, bool isMalformed = false, Exception? cause = null, bool isRefusal = false) =>
        new(_name, Address, problem, isMalformed, cause) { IsRefusal = isRefusal };

    private static V1.ChatMessage Turn(ChatMessage message) => new()
    {
        Role = message.Role switch
        {
            "system" => Role.System,
            "assistant" => Role.Assistant,
            _ => Role.User,
        },
        Content = message.Content,
    };

    private static GrpcChannel Connect(string address, MethodConfig method)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        bool isUnix = ListenAddress.TryParse(address, out ListenAddress? socket) && RewardEndpointAttribute.IsUnix(address);
        if (isUnix)
        {
            handler.ConnectCallback = async (_, cancellationToken) => await socket!.ConnectAsync(cancellationToken);
        }

        return GrpcChannel.ForAddress(isUnix ? "http://localhost" : address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            ServiceConfig = new ServiceConfig { MethodConfigs = { method } },
        });
    }
}
