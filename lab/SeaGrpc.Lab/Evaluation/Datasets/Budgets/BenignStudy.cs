using SeaGrpc.Lab.Evaluation.Datasets.Runs;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>What energy search does to prompts that there is no reason to refuse, beside the policy's own samples.</summary>
/// <param name="Samples">The policy's samples, several a prompt.</param>
/// <param name="Search">The search's answers.</param>
/// <param name="Method">The search's text.</param>
internal sealed record BenignStudy(IReadOnlyList<RowResult> Samples, IReadOnlyList<RowResult> Search, string Method)
{
    /// <summary>The answers of the search without the responses that the server knows.</summary>
    public required IReadOnlyList<RowResult> Unknowing { get; init; }

    /// <summary>The answers of the search from the data set's best answers as drafts.</summary>
    public required IReadOnlyList<RowResult> FromBest { get; init; }

    /// <summary>The best answers by row.</summary>
    public required IReadOnlyDictionary<string, string> Best { get; init; }

    /// <summary>The answers of the search from the policy's first samples as drafts.</summary>
    public required IReadOnlyList<RowResult> FromSamples { get; init; }

    private const int SamplesOfPrompt = 4;
    private const string File = "benign.jsonl";

    /// <summary>The samples' 10th percentile of log pi_ref per token, in nats.</summary>
    public double LowLogProbability => Sorted(Samples)[(Samples.Count - 1) / 10];

    /// <summary>How many of the best answers stayed as they were.</summary>
    public int Unchanged => FromBest.Count(result => result.Answer == Best[result.Row]);

    /// <summary>How many of the samples did.</summary>
    public int UnchangedSamples => FromSamples.Count(result => Samples.First(sample => sample.Row == result.Row).Answer == result.Answer);

    /// <summary>Runs it.</summary>
    /// <param name="runs">What runs.</param>
    /// <param name="file">Benign prompts: TruthfulQA's questions.</param>
    /// <param name="rows">How many of them.</param>
    /// <param name="budget">The search's budget.</param>
    /// <param name="seed">The run's seed; each further sample of a prompt takes another.</param>
    public static async Task<BenignStudy> RunAsync(BudgetRuns runs, DatasetFile file, int rows, int budget, ulong seed)
    {
        DatasetSuite suite = DatasetSuite.TruthfulQa;
        DatasetRow[] taken = [.. file.Rows.Take(rows)];
        DatasetMethod sample = runs.Method(BudgetFamilies.Sample.Settings[0].Tried(budget), file, suite);
        DatasetMethod search = runs.Method(BudgetFamilies.EnergySearch.Settings[0].Tried(budget), file, suite);
        var best = new GivenResponses(AreDrafts: true, taken.ToDictionary(row => row.Id, row => row.Reference));
        var samples = new List<RowResult>();
        for (ulong more = 0; more < SamplesOfPrompt; more++)
        {
            var found = await runs.RunAsync(suite, taken, [sample], File, unchecked(seed + more * (ulong)file.Rows.Count));
            samples.AddRange(Answered(found[sample.Name]));
        }

        var first = new GivenResponses(
            AreDrafts: true, samples.DistinctBy(sample => sample.Row).ToDictionary(sample => sample.Row, sample => sample.Answer!));
        DatasetRow[] sampled = [.. taken.Where(row => first.Texts.ContainsKey(row.Id))];
        return new BenignStudy(samples, await SearchAsync(search), search.Name)
        {
            FromBest = await SearchAsync(search.With("search from the best answer", best)),
            FromSamples = Answered((await runs.RunAsync(suite, sampled, [search.With("search from a sample", first)], File))
                ["search from a sample"]),
            Best = best.Texts,
            Unknowing = await SearchAsync(runs.Method(BudgetFamilies.UnknowingSearch.Settings[0].Tried(budget), file, suite)),
        };

        async Task<RowResult[]> SearchAsync(DatasetMethod method) =>
            Answered((await runs.RunAsync(suite, taken, [method], File))[method.Name]);
    }

    private static double[] Sorted(IReadOnlyList<RowResult> results) =>
        [.. results.Select(result => result.LogProbability!.Value / result.Length!.Value).Order()];

    private static RowResult[] Answered(IReadOnlyList<RowResult> results) => [.. results.Where(result => result.Answer is not null)];
}
