using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.Judging.Mathematics;
using SeaGrpc.Lab.Evaluation.Judging.Numbers;

namespace SeaGrpc.Lab.Evaluation.Judging;

/// <summary>Finds the final answer in a text and compares it with the reference, exactly.</summary>
public sealed class ExactAnswerJudge : IAnswerJudge
{
    private readonly Func<string, string?> _find;
    private readonly Func<string, string, bool> _equal;

    private ExactAnswerJudge(string name, Func<string, string?> find, Func<string, string, bool> equal)
    {
        Settings = new Dictionary<string, string> { ["judge"] = name };
        _find = find;
        _equal = equal;
    }

    /// <summary>GSM8K: numbers.</summary>
    public static ExactAnswerJudge Numbers { get; } = new("exact number 2", FinalNumber.Find, FinalNumber.AreEqual);

    /// <summary>MATH: formulas.</summary>
    public static ExactAnswerJudge Formulas { get; } = new("exact formula 2", BoxedAnswer.Find, MathEquality.AreEqual);

    /// <summary>The one that judges a suite; null for a suite without exact answers.</summary>
    public static ExactAnswerJudge? Of(DatasetSuite suite) =>
        suite == DatasetSuite.Gsm8k ? Numbers : suite == DatasetSuite.Math ? Formulas : null;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <inheritdoc/>
    public Task<Verdict> JudgeAsync(DatasetRow row, string answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Task.FromResult(Judge(row.Reference, answer));
    }

    /// <summary>Judges a text that ends with an answer.</summary>
    public Verdict Judge(string reference, string answer) =>
        _find(answer) is { } found ? new Verdict(_equal(reference, found), $"answer {found}") : new Verdict(false, "no answer");
}
