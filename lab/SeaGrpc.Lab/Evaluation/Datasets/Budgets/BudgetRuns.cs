using SeaGrpc.Cli.Connections;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Judging;
using SeaGrpc.Server.Models;
using SeaGrpc.V1;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Runs methods for a comparison at equal tokens; each of its parts keeps its results in a file, to go on from.</summary>
/// <param name="arguments">What was asked for.</param>
/// <param name="connection">The server.</param>
/// <param name="info">What it serves.</param>
internal sealed class BudgetRuns(DatasetArguments arguments, SidecarConnection connection, GetServerInfoResponse info)
{
    private readonly RefusalJudge _judge = new();

    /// <summary>A method on a file's rows.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="file">The file.</param>
    /// <param name="suite">What the file holds.</param>
    /// <param name="bringsRefusal">Whether requests bring a refusal that energy search knows.</param>
    public DatasetMethod Method(string text, DatasetFile file, DatasetSuite suite, bool bringsRefusal = false)
    {
        DatasetMethod method = DatasetMethod.Of(
            text, arguments, CommonSettings.Of(arguments with { Suite = suite }, file, info, _judge));
        return bringsRefusal ? method.WithAlternatives(KnownResponses.Refusals) : method;
    }

    /// <summary>What a results file in the folder has; nothing where there is no file.</summary>
    public IReadOnlyList<RowResult> Finished(string name)
    {
        string path = Path.Combine(arguments.Out!, name);
        if (!File.Exists(path))
        {
            return [];
        }

        using ResultsFile results = ResultsFile.Open(path, []);
        return results.Results;
    }

    /// <summary>Runs what is missing, unless nothing is to run.</summary>
    /// <param name="suite">What the rows are of.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="methods">The methods.</param>
    /// <param name="name">The results file in the folder of the comparison.</param>
    /// <param name="seed">The seed; null for the command's.</param>
    /// <param name="isAlone">Whether one row runs at a time, whatever the command says.</param>
    /// <returns>Results by the method's name, in the rows' order.</returns>
    /// <exception cref="OperationCanceledException">The user interrupted it.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<RowResult>>> RunAsync(
        DatasetSuite suite, IReadOnlyList<DatasetRow> rows, IReadOnlyList<DatasetMethod> methods, string name, ulong? seed = null,
        bool isAlone = false)
    {
        using ResultsFile results = ResultsFile.Open(Path.Combine(arguments.Out!, name), [.. methods.Select(method => method.Settings)]);
        var run = new DatasetRun(
            suite, rows, methods, seed ?? arguments.Seed, connection, _judge, results, isOwnServer: arguments.Server is null);
        return arguments.IsFromResults || await DatasetScreen.RunAsync(run, isAlone ? 1 : arguments.Concurrency)
            ? methods.ToDictionary(method => method.Name, run.Results)
            : throw new OperationCanceledException();
    }
}
