using System.Diagnostics;
using Grpc.Core;
using SeaGrpc.Cli;
using SeaGrpc.Cli.Connections;
using SeaGrpc.V1;

namespace SeaGrpc.Bench.Serving;

/// <summary>Runs jobs through StreamAlign.</summary>
internal sealed class GrpcCaller(SidecarConnection connection)
{
    /// <summary>Runs jobs, a given number at once.</summary>
    public async Task<(JobTimes[] Times, double WallSeconds)> RunAsync(IReadOnlyList<ServeJob> jobs, int concurrency)
    {
        var times = new JobTimes[jobs.Count];
        long start = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, jobs.Count),
            new ParallelOptions { MaxDegreeOfParallelism = concurrency },
            async (index, cancellation) => times[index] = await RunAsync(jobs[index], cancellation));
        return (times, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Runs one job.</summary>
    /// <exception cref="CliException">The call failed, in plain words.</exception>
    public async Task<JobTimes> RunAsync(ServeJob job, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        double? first = null;
        try
        {
            using AsyncServerStreamingCall<StreamAlignResponse> call = connection.Alignment.StreamAlign(
                new StreamAlignRequest { Spec = job.Spec() },
                connection.Headers,
                cancellationToken: cancellation
            );
            await foreach (StreamAlignResponse message in call.ResponseStream.ReadAllAsync(cancellation))
            {
                if (message.EventCase == StreamAlignResponse.EventOneofCase.Draft)
                {
                    first = Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
            }
        }
        catch (RpcException error)
        {
            throw new CliException(RpcErrors.Describe(error, connection.Address), ExitCodes.Failure, error);
        }

        double completion = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new JobTimes(first ?? completion, completion);
    }
}
