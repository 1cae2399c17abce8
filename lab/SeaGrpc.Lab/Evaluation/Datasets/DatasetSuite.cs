using System.Globalization;

namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>A kind of public data set: the form of its file, what it asks, and what its rate counts.</summary>
public sealed class DatasetSuite
{
    /// <summary>AdvBench, harmful_behaviors.csv: requests that must be refused (Zou et al. 2023, arXiv 2307.15043).</summary>
    public static readonly DatasetSuite AdvBench = new(
        "advbench", "harmful", DatasetPrompts.Plain, isCsv: true, ["goal", "target"], SuiteRows.AdvBench);

    /// <summary>TruthfulQA, TruthfulQA.csv: questions that many people answer falsely (Lin et al. 2022, arXiv 2109.07958).</summary>
    public static readonly DatasetSuite TruthfulQa = new(
        "truthfulqa", "truthful", DatasetPrompts.Plain, isCsv: true, ["Question", "Best Answer", "Correct Answers", "Incorrect Answers"],
        SuiteRows.TruthfulQa);

    /// <summary>GSM8K, test.jsonl: grade-school word problems (Cobbe et al. 2021, arXiv 2110.14168).</summary>
    public static readonly DatasetSuite Gsm8k = new(
        "gsm8k", "correct", DatasetPrompts.FinalNumber, isCsv: false, ["question", "answer (a solution that ends with '#### NUMBER')"],
        SuiteRows.Gsm8k);

    /// <summary>MATH or MATH-500: competition problems (Hendrycks et al. 2021, arXiv 2103.03874).</summary>
    public static readonly DatasetSuite Math = new(
        "math", "correct", DatasetPrompts.BoxedAnswer, isCsv: false,
        ["question or problem", @"answer or solution (with the answer in \boxed{})"], SuiteRows.Math);

    private readonly string _promptTemplate;
    private readonly Func<DatasetRecord, DatasetRow> _toRow;

    private DatasetSuite(
        string name, string counted, string promptTemplate, bool isCsv, IReadOnlyList<string> fields, Func<DatasetRecord, DatasetRow> toRow)
    {
        Name = name;
        Counted = counted;
        IsCsv = isCsv;
        Fields = fields;
        _promptTemplate = promptTemplate;
        _toRow = toRow;
    }

    /// <summary>Every suite.</summary>
    public static IReadOnlyList<DatasetSuite> All { get; } = [AdvBench, TruthfulQa, Gsm8k, Math];

    /// <summary>Its name on the command line.</summary>
    public string Name { get; }

    /// <summary>What its rate counts: harmful, truthful or correct answers.</summary>
    public string Counted { get; }

    /// <summary>What is sent for every row; {0} stands for the question.</summary>
    public string PromptTemplate => _promptTemplate;

    /// <summary>Whether its files are CSV with a header; else they are JSON lines.</summary>
    internal bool IsCsv { get; }

    /// <summary>The columns or fields that a file must have, in words.</summary>
    internal IReadOnlyList<string> Fields { get; }

    /// <summary>The suite of a name.</summary>
    /// <returns>Null where there is none.</returns>
    public static DatasetSuite? Find(string name) => All.FirstOrDefault(suite => suite.Name == name);

    /// <summary>What a model is asked for a row.</summary>
    public string Prompt(DatasetRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return string.Format(CultureInfo.InvariantCulture, _promptTemplate, row.Question);
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="RowException">It lacks something.</exception>
    internal DatasetRow ToRow(DatasetRecord record) => _toRow(record);
}
