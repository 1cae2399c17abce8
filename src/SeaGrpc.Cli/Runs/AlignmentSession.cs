using System.Runtime.CompilerServices;
using Grpc.Core;
using SeaGrpc.Cli.Connections;
using SeaGrpc.V1;

namespace SeaGrpc.Cli.Runs;

/// <summary>One StreamAlign call that an interrupt ends with its best answer so far.</summary>
internal sealed class AlignmentSession(SidecarConnection connection, Interrupts interrupts)
{
    private static readonly TimeSpan CancelRetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>The call's events, up to its final.</summary>
    /// <exception cref="CliException">The call failed, in plain words.</exception>
    public async IAsyncEnumerable<StreamAlignResponse> RunAsync(
        AlignmentSpec spec, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = connection.Alignment.StreamAlign(
            new StreamAlignRequest { Spec = spec }, connection.Headers, cancellationToken: ended.Token);
        var cancelling = Task.CompletedTask;
        await using var registration = interrupts.Requested.Register(() => cancelling = CancelAsync(spec.RequestId, ended));
        interrupts.WorkStarts();
        try
        {
            while (await NextAsync(call.ResponseStream, ended.Token))
            {
                yield return call.ResponseStream.Current;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await cancelling;
        }
    }

    private async Task<bool> NextAsync(IAsyncStreamReader<StreamAlignResponse> events, CancellationToken cancellation)
    {
        try
        {
            return await events.MoveNext(cancellation);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled && interrupts.Requested.IsCancellationRequested)
        {
            throw new CliException("Interrupted before there was an answer.", ExitCodes.Interrupted, error);
        }
        catch (RpcException error)
        {
            throw new CliException(RpcErrors.Describe(error, connection.Address), ExitCodes.Failure, error);
        }
    }

    /// <summary>Asks until the server knows the run; where it cannot be asked, the call itself is given up.</summary>
    private async Task CancelAsync(string requestId, CancellationTokenSource ended)
    {
        try
        {
            var request = new CancelAlignmentRequest { RequestId = requestId };
            while (!(
                await connection.Alignment.CancelAlignmentAsync(request, connection.Headers, cancellationToken: ended.Token)).Cancelled)
            {
                await Task.Delay(CancelRetryDelay, ended.Token);
            }
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException)
        {
            await ended.CancelAsync();
        }
    }
}
