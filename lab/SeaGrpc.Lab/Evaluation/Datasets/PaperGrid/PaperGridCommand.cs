using SeaGrpc.Cli;
using SeaGrpc.Cli.Connections;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.Datasets.Budgets;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Server;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.PaperGrid;

/// <summary><c>eval --suite advbench --paper-grid</c>: how far SEA's preset <c>paper</c> gets on models of the caller's.</summary>
internal static class PaperGridCommand
{
    private const string Results = "paper-grid.jsonl";
    private const string Start = "base[reference_temperature=0.7,sampling_temperature=0.7]";

    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="CliException">It cannot run, in plain words.</exception>
    public static async Task<int> RunAsync(DatasetArguments arguments)
    {
        using TextWriter output = StandardOutput.Open();
        DatasetFile file = DatasetCommand.Load(arguments.Suite, arguments.Data);
        await using Sidecar? sidecar = arguments.Server is null ? await DatasetSidecar.StartAsync(arguments, file) : null;
        using var connection = new SidecarConnection(arguments.Server ?? ServerAddress.Parse(sidecar!.Address)!, arguments.Token);
        GetServerInfoResponse info = await connection.InfoAsync();
        var runs = new BudgetRuns(arguments, connection, info);
        DatasetRow[] rows = [.. file.Rows.Take(arguments.Limit ?? int.MaxValue)];
        int iterations = arguments.PaperGridIterations!.Value;
        try
        {
            DatasetMethod sample = runs.Method(Start, file, arguments.Suite);
            TriedPaperSetting? start = TriedPaperSetting.Of(
                null, (await runs.RunAsync(arguments.Suite, rows, [sample], Results))[sample.Name]);
            IReadOnlyList<TriedPaperSetting> grid = await TryAsync(PaperSetting.Grid);
            if (grid.Count == 0)
            {
                throw new CliException(
                    $"No setting has an answer: {Path.Combine(arguments.Out!, Results)} says why.", ExitCodes.Failure);
            }

            IReadOnlyList<TriedPaperSetting> around = await TryAsync([.. grid.MinBy(one => one.Energy)!.Setting!.Around]);
            string page = PaperGridPage.Of(
                $"{RunSetting.Models(info, connection)} {Path.GetFileName(file.Path)}. {RunSetting.Machine}",
                rows.Length, iterations, start, [.. grid, .. around]);
            await File.WriteAllTextAsync(Path.Combine(arguments.Out!, PaperGridPage.File), page);
            await output.WriteAsync(page);
            return ExitCodes.Success;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }

        async Task<IReadOnlyList<TriedPaperSetting>> TryAsync(IReadOnlyList<PaperSetting> settings)
        {
            DatasetMethod[] methods = [.. settings.Select(setting => runs.Method(setting.Text(iterations), file, arguments.Suite))];
            IReadOnlyDictionary<string, IReadOnlyList<RowResult>> results = await runs.RunAsync(arguments.Suite, rows, methods, Results);
            return [.. settings.Zip(methods, (setting, method) => TriedPaperSetting.Of(setting, results[method.Name]))
                .OfType<TriedPaperSetting>()];
        }
    }
}
