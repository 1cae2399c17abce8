using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using SeaGrpc.V1;

namespace SeaGrpc.Client;

/// <summary>A SeaGrpc server. Safe for use by several threads; one connection serves all calls.</summary>
public sealed class SeaClient : IDisposable
{
    private const string Authorization = "authorization";

    private readonly GrpcChannel _channel;
    private readonly SeaClientOptions _options;
    private readonly AlignmentService.AlignmentServiceClient _alignment;
    private readonly InfoService.InfoServiceClient _info;
    private readonly Health.HealthClient _health;

    /// <summary>Opens a channel; the connection is made by the first call.</summary>
    /// <param name="address"><c>http://HOST:PORT</c>, <c>https://HOST:PORT</c> (TLS), <c>HOST:PORT</c> (as <c>http://</c>) or
    /// <c>unix:PATH</c>.</param>
    /// <param name="options">Token, deadlines, retries; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is none of these.</exception>
    public SeaClient(string address, SeaClientOptions? options = null)
    {
        _options = options ?? new SeaClientOptions();
        _channel = ChannelFactory.Open(ServerAddress.Parse(address), _options);
        _alignment = new AlignmentService.AlignmentServiceClient(_channel);
        _info = new InfoService.InfoServiceClient(_channel);
        _health = new Health.HealthClient(_channel);
    }

    /// <summary>Aligns one response.</summary>
    /// <param name="spec">What to do.</param>
    /// <param name="deadline">Longest time; null for the client's own.</param>
    /// <param name="headers">Metadata of this call; null for none.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="SeaGrpcException">The call failed.</exception>
    public Task<AlignResponse> AlignAsync(
        AlignmentSpec spec, TimeSpan? deadline = null, Metadata? headers = null, CancellationToken cancellationToken = default) =>
        CallAsync(call => _alignment.AlignAsync(new AlignRequest { Spec = spec }, call), deadline, headers, cancellationToken);

    /// <summary>Aligns one response and tells of it while it runs. Leaving the loop, or the token, ends the run.</summary>
    /// <param name="spec">What to do.</param>
    /// <param name="deadline">Longest time; null for the client's own.</param>
    /// <param name="headers">Metadata of this call; null for none.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="SeaGrpcException">The call failed.</exception>
    public IAsyncEnumerable<StreamAlignResponse> StreamAsync(
        AlignmentSpec spec, TimeSpan? deadline = null, Metadata? headers = null, CancellationToken cancellationToken = default) =>
        ReadAsync(call => _alignment.StreamAlign(new StreamAlignRequest { Spec = spec }, call), deadline, headers, cancellationToken);

    /// <summary>Aligns a response for each of several specs. Leaving the loop, or the token, ends those that run.</summary>
    /// <param name="specs">What to do; at most as many as the server's limit.</param>
    /// <param name="deadline">Longest time for all of them; null for the client's own.</param>
    /// <param name="headers">Metadata of this call; null for none.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>One result for each spec, with its index, as soon as it ends: in any order. A spec that failed has an error.</returns>
    /// <exception cref="SeaGrpcException">The call as a whole failed.</exception>
    public IAsyncEnumerable<AlignBatchResponse> AlignBatchAsync(
        IEnumerable<AlignmentSpec> specs, TimeSpan? deadline = null, Metadata? headers = null,
        CancellationToken cancellationToken = default) =>
        ReadAsync(call => _alignment.AlignBatch(new AlignBatchRequest { Specs = { specs } }, call), deadline, headers, cancellationToken);

    /// <summary>Aligns one response until a condition holds; see <see cref="EarlyStop"/>.</summary>
    /// <param name="spec">What to do; iteration events are asked to carry their text.</param>
    /// <param name="stop">When to stop.</param>
    /// <param name="deadline">Longest time; null for the client's own.</param>
    /// <param name="headers">Metadata of this call; null for none.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The best answer so far, or the final one where the run ended first.</returns>
    /// <exception cref="SeaGrpcException">The call failed.</exception>
    public Task<EarlyAnswer> AlignUntilAsync(
        AlignmentSpec spec, EarlyStop stop, TimeSpan? deadline = null, Metadata? headers = null,
        CancellationToken cancellationToken = default) =>
        stop.RunAsync((sent, token) => StreamAsync(sent, deadline, headers, token), spec, cancellationToken);

    /// <summary>Scores given responses to given prompts.</summary>
    /// <exception cref="SeaGrpcException">The call failed.</exception>
    public Task<ScoreResponse> ScoreAsync(
        ScoreRequest request, TimeSpan? deadline = null, Metadata? headers = null, CancellationToken cancellationToken = default) =>
        CallAsync(call => _alignment.ScoreAsync(request, call), deadline, headers, cancellationToken);

    /// <summary>Ends an alignment, which then answers its own caller with its best so far.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="SeaGrpcException">The call failed.</exception>
    public async Task<bool> CancelAsync(
        CancelAlignmentRequest request, TimeSpan? deadline = null, Metadata? headers = null,
        CancellationToken cancellationToken = default) =>
        (await CallAsync(call => _alignment.CancelAlignmentAsync(request, call), deadline, headers, cancellationToken)
            .ConfigureAwait(false)).Cancelled;

    /// <summary>What the server is.</summary>
    /// <exception cref="SeaGrpcException">The call failed.</exception>
    public Task<GetServerInfoResponse> GetServerInfoAsync(
        TimeSpan? deadline = null, Metadata? headers = null, CancellationToken cancellationToken = default) =>
        CallAsync(call => _info.GetServerInfoAsync(new GetServerInfoRequest(), call), deadline, headers, cancellationToken);

    /// <summary>
    /// Whether the server takes calls, by grpc.health.v1; false while it loads its models, drains or has lost its device. Needs no token.
    /// </summary>
    /// <exception cref="UnavailableException">Nobody answers.</exception>
    /// <exception cref="SeaGrpcException">The call failed.</exception>
    public async Task<bool> IsServingAsync(
        TimeSpan? deadline = null, Metadata? headers = null, CancellationToken cancellationToken = default)
    {
        HealthCheckResponse answer = await CallAsync(
            call => _health.CheckAsync(new HealthCheckRequest(), call), deadline, headers, cancellationToken).ConfigureAwait(false);
        return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving;
    }

    /// <summary>Closes the connection; calls that run are given up.</summary>
    public void Dispose() => _channel.Dispose();

    private async IAsyncEnumerable<TMessage> ReadAsync<TMessage>(
        Func<CallOptions, AsyncServerStreamingCall<TMessage>> open, TimeSpan? deadline, Metadata? headers,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (AsyncServerStreamingCall<TMessage> call, bool any) = await CallAsync(
            async options =>
            {
                AsyncServerStreamingCall<TMessage> stream = open(options);
                try
                {
                    return (stream, await stream.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false));
                }
                catch
                {
                    stream.Dispose();
                    throw;
                }
            },
            deadline,
            headers,
            cancellationToken).ConfigureAwait(false);
        using (call)
        {
            while (any)
            {
                yield return call.ResponseStream.Current;
                any = await NextAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> NextAsync<TMessage>(IAsyncStreamReader<TMessage> events, CancellationToken cancellation)
    {
        try
        {
            return await events.MoveNext(cancellation).ConfigureAwait(false);
        }
        catch (RpcException error)
        {
            throw Translate(error, cancellation);
        }
    }

    private static Exception Translate(RpcException error, CancellationToken cancellation) =>
        error.StatusCode == StatusCode.Cancelled && cancellation.IsCancellationRequested
            ? new OperationCanceledException(error.Status.Detail, error, cancellation)
            : SeaGrpcException.Of(error);

    private Task<TResponse> CallAsync<TResponse>(
        Func<CallOptions, AsyncUnaryCall<TResponse>> call, TimeSpan? deadline, Metadata? headers, CancellationToken cancellation) =>
        CallAsync(
            async options =>
            {
                using AsyncUnaryCall<TResponse> started = call(options);
                return await started.ResponseAsync.ConfigureAwait(false);
            },
            deadline,
            headers,
            cancellation);

    /// <summary>Calls until it succeeds or may not be tried again, all attempts under one deadline.</summary>
    private async Task<TResult> CallAsync<TResult>(
        Func<CallOptions, Task<TResult>> call, TimeSpan? longest, Metadata? headers, CancellationToken cancellation)
    {
        Metadata sent = Authorized(headers);
        DateTime? deadline = (longest ?? _options.Deadline) is { } limit ? DateTime.UtcNow + limit : null;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call(new CallOptions(sent, deadline, cancellation)).ConfigureAwait(false);
            }
            catch (RpcException error)
            {
                if (cancellation.IsCancellationRequested || _options.Retries.Delay(error, attempt, deadline) is not { } delay)
                {
                    throw Translate(error, cancellation);
                }

                // Timers may fire up to a millisecond early; never come back before the server's time.
                await Task.Delay(delay + TimeSpan.FromMilliseconds(1), cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The headers of one call. An authorization among its own takes the token's place.</summary>
    private Metadata Authorized(Metadata? headers)
    {
        var sent = new Metadata();
        foreach (Metadata.Entry entry in headers ?? [])
        {
            sent.Add(entry);
        }

        if (_options.Token is { } token && sent.Get(Authorization) is null)
        {
            sent.Add(Authorization, $"Bearer {token}");
        }

        return sent;
    }
}
