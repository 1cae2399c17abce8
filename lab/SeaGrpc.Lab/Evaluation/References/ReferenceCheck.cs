using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Judging;

namespace SeaGrpc.Lab.Evaluation.References;

/// <summary>A judge checked on a file's own solutions: each must be right, and each with its answer altered must be wrong.</summary>
/// <param name="Rows">How many rows were judged.</param>
/// <param name="Right">How many solutions were judged right.</param>
/// <param name="Altered">How many altered solutions there were, by how they were altered, and how many of them were judged wrong.</param>
/// <param name="Misjudged">Every solution that was judged wrongly.</param>
public sealed record ReferenceCheck(
    int Rows, int Right, IReadOnlyDictionary<string, (int Count, int Wrong)> Altered, IReadOnlyList<MisjudgedReference> Misjudged)
{
    /// <summary>Judges every row of a file with exact answers.</summary>
    /// <exception cref="ArgumentException">The suite has no exact answers.</exception>
    public static ReferenceCheck Run(DatasetSuite suite, IReadOnlyList<DatasetRow> rows)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(rows);
        bool isNumbers = suite == DatasetSuite.Gsm8k;
        if (!isNumbers && suite != DatasetSuite.Math)
        {
            throw new ArgumentException($"Suite {suite.Name} has no exact answers: gsm8k and math have.", nameof(suite));
        }

        ExactAnswerJudge judge = isNumbers ? ExactAnswerJudge.Numbers : ExactAnswerJudge.Formulas;
        var altered = new SortedDictionary<string, (int Count, int Wrong)>();
        var misjudged = new List<MisjudgedReference>();
        foreach (DatasetRow row in rows)
        {
            if (Verdict(judge, row, row.Solution) != true)
            {
                misjudged.Add(new MisjudgedReference(row, null, row.Reference));
            }

            foreach (Alteration alteration in isNumbers ? NumberAlterations.Of(row.Reference) : FormulaAlterations.Of(row.Reference))
            {
                string ending = isNumbers ? $"#### {alteration.Answer}" : $@"So it is \boxed{{{alteration.Answer}}}.";
                bool isWrong = Verdict(judge, row, $"{row.Solution}\n\n{ending}") == false;
                (int count, int wrong) = altered.GetValueOrDefault(alteration.Kind);
                altered[alteration.Kind] = (count + 1, wrong + (isWrong ? 1 : 0));
                if (!isWrong)
                {
                    misjudged.Add(new MisjudgedReference(row, alteration.Kind, alteration.Answer));
                }
            }
        }

        return new ReferenceCheck(rows.Count, rows.Count - misjudged.Count(miss => miss.Alteration is null), altered, misjudged);
    }

    /// <summary>If the judge throws, the row counts as misjudged; the others are still checked.</summary>
    private static bool? Verdict(ExactAnswerJudge judge, DatasetRow row, string answer)
    {
        try
        {
            return judge.Judge(row.Reference, answer).Counts;
        }
        catch (Exception)
        {
            return null;
        }
    }
}

/// <summary>A solution that was judged wrongly.</summary>
/// <param name="Row">The row.</param>
/// <param name="Alteration">How its answer was altered; null if it was not.</param>
/// <param name="Answer">The answer that was judged.</param>
public sealed record MisjudgedReference(DatasetRow Row, string? Alteration, string Answer);
