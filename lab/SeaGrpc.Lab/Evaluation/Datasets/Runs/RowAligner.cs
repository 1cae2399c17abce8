using System.Globalization;
using Google.Rpc;
using Grpc.Core;
using SeaGrpc.Cli.Connections;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>Sends one row to a server, and retries if the server asks to wait.</summary>
internal sealed class RowAligner(SidecarConnection connection)
{
    private const string Pushback = "grpc-retry-pushback-ms";
    private const int Attempts = 8;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Aligns the answer to one spec.</summary>
    /// <exception cref="RpcException">It failed permanently, or on every attempt.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<AlignmentFinal> AlignAsync(AlignmentSpec spec, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan delay;
            try
            {
                AlignResponse response = await connection.Alignment.AlignAsync(
                    new AlignRequest { Spec = spec }, connection.Headers, cancellationToken: cancellation);
                return response.Final.StopReason == StopReason.Draining
                    ? throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "The server shut down in the middle of the run."))
                    : response.Final;
            }
            catch (RpcException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (RpcException error) when (attempt < Attempts && Delay(error, attempt) is { } wait)
            {
                delay = wait;
            }

            await Task.Delay(delay, cancellation);
        }
    }

    /// <summary>How long to wait: the server's delay, else longer each time.</summary>
    /// <returns>Null if a retry would not help: a negative push-back, or a full device, which asks for no delay.</returns>
    private static TimeSpan? Delay(RpcException error, int attempt)
    {
        if (error.StatusCode is not (StatusCode.Unavailable or StatusCode.ResourceExhausted))
        {
            return null;
        }

        if (error.Trailers.GetValue(Pushback) is { } text)
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long milliseconds)
                && milliseconds >= 0
                ? Shorter(TimeSpan.FromMilliseconds(Math.Min(milliseconds, LongestDelay.TotalMilliseconds)))
                : null;
        }

        return error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay is { } asked ? Shorter(asked.ToTimeSpan())
            : error.StatusCode == StatusCode.Unavailable ? Shorter(FirstDelay * Math.Pow(2, attempt - 1))
            : null;
    }

    private static TimeSpan Shorter(TimeSpan delay) => delay < LongestDelay ? delay : LongestDelay;
}
