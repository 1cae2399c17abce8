using SeaGrpc.Alignment.EnergySearch;
using SeaGrpc.Alignment.Parameters;
using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Energy search, without responses that the server knows, with each way of choosing where rewrites cut a response.</summary>
/// <param name="Method">The search's text, with its own way.</param>
/// <param name="Ways">The answers with each way, the search's own first.</param>
internal sealed record CutStudy(string Method, IReadOnlyList<(string Cut, IReadOnlyList<RowResult> Results)> Ways)
{
    private const string File = "cuts.jsonl";

    /// <summary>Runs it. The ways go row by row, so that an early end leaves comparable results of all of them.</summary>
    /// <param name="runs">What runs.</param>
    /// <param name="file">The prompts.</param>
    /// <param name="suite">What the file holds.</param>
    /// <param name="rows">How many of them.</param>
    /// <param name="budget">The search's budget.</param>
    /// <param name="setting">The search.</param>
    public static async Task<CutStudy> RunAsync(
        BudgetRuns runs, DatasetFile file, DatasetSuite suite, int rows, int budget, ScaledMethod setting)
    {
        EnergySearchCut own = new EnergySearchParameters().Cut;
        (string Cut, DatasetMethod Method)[] ways =
        [
            .. Enum.GetValues<EnergySearchCut>().OrderBy(cut => cut != own).Select(cut => (Name(cut), runs.Method(
                MethodBrackets.Join(setting.Tried(budget), $"cut={Name(cut)}"), file, suite))),
        ];
        var found = await runs.RunAsync(suite, [.. file.Rows.Take(rows)], [.. ways.Select(way => way.Method)], File);
        return new CutStudy(
            setting.Tried(budget),
            [
                .. ways.Select(way => (
                    way.Cut, (IReadOnlyList<RowResult>)[.. found[way.Method.Name].Where(result => result.Answer is not null)])),
            ]);
    }

    private static string Name(EnergySearchCut cut) => cut.ToString().ToLowerInvariant();
}
