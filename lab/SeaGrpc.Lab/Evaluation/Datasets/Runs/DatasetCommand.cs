using SeaGrpc.Cli;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
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
        DatasetFile file = Load(arguments);
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
        await using Sidecar? sidecar = arguments.Server is null ? await StartAsync(arguments) : null;
        using var connection = new SidecarConnection(arguments.Server ?? ServerAddress.Parse(sidecar!.Address)!, arguments.Token);
        GetServerInfoResponse info = await connection.InfoAsync();
        IReadOnlyDictionary<string, string> common = CommonSettings.Of(arguments, file, info, judge);
        DatasetMethod[] methods = [.. arguments.Methods.Select(name => DatasetMethod.Of(name, arguments, common))];
        string path = arguments.Out ?? $"{arguments.Suite.Name}.jsonl";
        using ResultsFile results = ResultsFile.Open(path, [.. methods.Select(method => method.Settings)]);
        DatasetRow[] rows = [.. file.Rows.Take(arguments.Limit ?? int.MaxValue)];
        var run = new DatasetRun(arguments.Suite, rows, methods, arguments.Seed, connection, judge, results);
        bool isWhole = await RunAsync(run, arguments.Concurrency);

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

    private static DatasetFile Load(DatasetArguments arguments)
    {
        try
        {
            return DatasetFile.Load(arguments.Suite, arguments.Data);
        }
        catch (DatasetException error)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }
    }

    /// <summary>
    /// A sidecar whose limits are the models' own. Models of the caller's use every core; the embedded ones are too small for that.
    /// </summary>
    private static Task<Sidecar> StartAsync(DatasetArguments arguments)
    {
        var settings = new Dictionary<string, string?>
        {
            ["SeaGrpc:Limits:MaxPromptCharacters"] = "10000000",
            ["SeaGrpc:Limits:MaxPromptTokens"] = "1000000",
            ["SeaGrpc:Limits:MaxResponseTokens"] = "100000",
        };
        if (arguments.Policy is { } policy)
        {
            settings["SeaGrpc:Models:Policy"] = policy;
            settings["SeaGrpc:Models:Threads"] = "0";
        }

        if (arguments.Reward is { } reward)
        {
            settings["SeaGrpc:Models:Reward"] = reward;
        }

        return EmbeddedSidecar.StartAsync(verbose: false, settings);
    }

    /// <summary>Runs until everything is done or the user interrupts.</summary>
    /// <returns>Whether everything was done.</returns>
    private static async Task<bool> RunAsync(DatasetRun run, int concurrency)
    {
        using var interrupts = new Interrupts(DatasetScreen.Restore);
        interrupts.WorkStarts();
        try
        {
            await DatasetScreen.ShowAsync(progress => run.RunAsync(concurrency, progress, interrupts.Requested));
            return true;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted: the finished rows are kept, and the same command goes on from them.");
            return false;
        }
    }
}
