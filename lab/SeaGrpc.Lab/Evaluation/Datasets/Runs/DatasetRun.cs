using Grpc.Core;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary>Runs every row under every method, judges the answers, and keeps each result as soon as it is available.</summary>
/// <param name="suite">The suite.</param>
/// <param name="rows">The rows.</param>
/// <param name="methods">The methods.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="connection">The server.</param>
/// <param name="judge">The judge.</param>
/// <param name="results">Where results are kept.</param>
/// <param name="isOwnServer">Whether the server is part of this process.</param>
internal sealed class DatasetRun(
    DatasetSuite suite,
    IReadOnlyList<DatasetRow> rows,
    IReadOnlyList<DatasetMethod> methods,
    ulong seed,
    SidecarConnection connection,
    IAnswerJudge judge,
    ResultsFile results,
    bool isOwnServer = false)
{
    private readonly RowAligner _aligner = new(connection);
    private bool _isAlone;

    /// <summary>Runs what is missing, row by row, so that an early end leaves comparable results of all methods.</summary>
    /// <param name="concurrency">Rows at once.</param>
    /// <param name="progress">Called after each result.</param>
    /// <param name="cancellation">Ends it; finished results stay.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public async Task RunAsync(int concurrency, IProgress<DatasetProgress> progress, CancellationToken cancellation)
    {
        _isAlone = isOwnServer && concurrency == 1;
        var counts = methods.ToDictionary(method => method.Name, method => rows.Count(row => IsDone(Known(row, method))));
        foreach (DatasetMethod method in methods)
        {
            progress.Report(new DatasetProgress(method.Name, counts[method.Name], rows.Count, null));
        }

        var open = from row in rows from method in methods where !IsDone(Known(row, method)) select (row, method);
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellation };
        await Parallel.ForEachAsync(open.ToArray(), options, async (work, stop) =>
        {
            RowResult result = await JudgeAsync(work.row, await AnswerAsync(work.row, work.method, stop), stop);
            results.Append(result);
            lock (counts)
            {
                progress.Report(new DatasetProgress(work.method.Name, ++counts[work.method.Name], rows.Count, result));
            }
        });
    }

    /// <summary>Every existing result of a method, in the rows' order.</summary>
    public IReadOnlyList<RowResult> Results(DatasetMethod method) => [.. rows.Select(row => Known(row, method)).OfType<RowResult>()];

    private static bool IsDone(RowResult? result) => result?.Counts is not null;

    private RowResult? Known(DatasetRow row, DatasetMethod method) => results.Find(New(row, method));

    private RowResult New(DatasetRow row, DatasetMethod method) =>
        new(suite.Name, method.Name, row.Id, seed, method.Settings.Hash) { Line = row.Line };

    /// <summary>The answer: an earlier run's where only its verdict is missing, else a new one.</summary>
    private async Task<RowResult> AnswerAsync(DatasetRow row, DatasetMethod method, CancellationToken cancellation)
    {
        if (Known(row, method) is { Answer: not null } earlier)
        {
            return earlier with { Error = null };
        }

        try
        {
            TimeSpan before = ProcessorTime;
            AlignmentFinal final = await _aligner.AlignAsync(
                method.Spec(row, suite.Prompt(row), unchecked(seed + (ulong)row.Line)), cancellation);
            return New(row, method) with
            {
                Answer = final.Response.Text,
                Reward = final.Response.Reward,
                LogProbability = final.Response.LogProbability,
                Energy = final.Response.Energy,
                Length = final.Response.TokenIds.Count + (final.Response.EndsWithEos ? 1 : 0),
                Seconds = final.RunDuration.ToTimeSpan().TotalSeconds,
                ProcessorSeconds = _isAlone ? (ProcessorTime - before).TotalSeconds : null,
                ModelTokens = final.Cost.PolicyTokens + final.Cost.RewardTokens,
            };
        }
        catch (RpcException error)
        {
            return New(row, method) with { Error = RpcErrors.Describe(error, connection.Address) };
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            return New(row, method) with { Error = $"The answer cannot be read: {Fault(error)}" };
        }
    }

    private async Task<RowResult> JudgeAsync(DatasetRow row, RowResult answered, CancellationToken cancellation)
    {
        if (answered.Answer is not { } answer)
        {
            return answered;
        }

        try
        {
            Verdict verdict = await judge.JudgeAsync(row, answer, cancellation);
            return answered with { Counts = verdict.Counts, Reason = verdict.Reason };
        }
        catch (JudgeException error)
        {
            return answered with { Error = error.Message };
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            // A judge that fails costs its row, not the rows after it.
            return answered with { Error = $"The judge failed: {Fault(error)}" };
        }
    }

    private static TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    private static string Fault(Exception error) => $"{error.GetType().Name}: {error.Message}";
}
