using SeaGrpc.Cli;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary><c>eval --suite advbench|truthfulqa|gsm8k|math</c>: methods on a public data file, judged and kept row by row.</summary>
internal static class DatasetCommand
{
    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="CliException">It cannot run, in plain words.</exception>
    public static async Task<int> RunAsync(DatasetArguments arguments)
    {
        using TextWriter output = StandardOutput.Open();
        DatasetFile file = Load(arguments.Suite, arguments.Data);
        foreach (RowFault fault in file.Faults)
        {
            await Console.Error.WriteLineAsync($"{file.Path}:{fault.Line}: row left out: {MarkedText.Printable(fault.Message)}.");
        }

        if (arguments.IsReferenceCheck)
        {
            return ReferenceCheckReport.Write(arguments.Suite, file, output);
        }

        IAnswerJudge judge = JudgeFactory.Create(arguments);
        using var owned = judge as IDisposable;
        await using Sidecar? sidecar = arguments.Server is null ? await DatasetSidecar.StartAsync(arguments, file) : null;
        using var connection = new SidecarConnection(arguments.Server ?? ServerAddress.Parse(sidecar!.Address)!, arguments.Token);
        GetServerInfoResponse info = await connection.InfoAsync();
        IReadOnlyDictionary<string, string> common = CommonSettings.Of(arguments, file, info, judge);
        DatasetMethod[] methods = [.. arguments.Methods.Select(name => DatasetMethod.Of(name, arguments, common))];
        string path = arguments.Out ?? $"{arguments.Suite.Name}.jsonl";
        using ResultsFile results = ResultsFile.Open(path, [.. methods.Select(method => method.Settings)]);
        DatasetRow[] rows = [.. file.Rows.Take(arguments.Limit ?? int.MaxValue)];
        var run = new DatasetRun(arguments.Suite, rows, methods, arguments.Seed, connection, judge, results, sidecar is not null);
        bool isWhole = await DatasetScreen.RunAsync(run, arguments.Concurrency);

        await output.WriteLineAsync(
            $"Suite {arguments.Suite.Name}, {rows.Length} rows of {Path.GetFileName(file.Path)}, {file.Faults.Count} bad rows left out, "
            + $"seed {arguments.Seed}, judge: {judge.Settings["judge"]}");
        await output.WriteLineAsync(
            ModelLine.Of(
                info, arguments.Server?.Text ?? ((arguments.Policy ?? arguments.Reward) is null ? null : connection.Address.Text)));
        await output.WriteLineAsync();
        await output.WriteLineAsync(DatasetSummary.Header(arguments.Suite));
        foreach (DatasetMethod method in methods)
        {
            await output.WriteLineAsync(DatasetSummary.Row(method.Name, run.Results(method)));
        }

        await output.WriteLineAsync();
        await output.WriteLineAsync($"Results: {path}");
        return !isWhole ? ExitCodes.Interrupted
            : methods.Any(method => run.Results(method).Any(result => result.Counts is not null)) ? ExitCodes.Success
            : ExitCodes.Failure;
    }

    /// <summary>Reads a data file.</summary>
    /// <exception cref="CliException">It is not a file of the suite.</exception>
    public static DatasetFile Load(DatasetSuite suite, string path)
    {
        try
        {
            return DatasetFile.Load(suite, path);
        }
        catch (DatasetException error)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }
    }
}
