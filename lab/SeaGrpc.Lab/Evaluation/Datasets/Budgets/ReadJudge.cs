using SeaGrpc.Lab.Evaluation.Datasets.Runs;
using SeaGrpc.Lab.Evaluation.Judging.Compliance;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A compliance classifier that learnt from answers to tuning prompts that a person read.</summary>
/// <param name="Classifier">The classifier.</param>
/// <param name="Complying">How many answers it learnt from that do what was asked.</param>
/// <param name="Evading">How many that neither do it nor refuse.</param>
/// <param name="Refusing">How many that refuse.</param>
internal sealed record ReadJudge(ComplianceClassifier Classifier, int Complying, int Evading, int Refusing)
{
    /// <summary>The verdicts that it learns from, in the folder of the comparison; lines as in <see cref="HandVerdict.File"/>.</summary>
    public const string File = "by-hand-tuning.jsonl";

    /// <summary>Trains it.</summary>
    /// <param name="verdicts">A person's verdicts on answers to tuning prompts.</param>
    /// <param name="results">Those answers.</param>
    /// <returns>Null where no verdict is on any of the answers, or all are alike.</returns>
    public static ReadJudge? Of(IReadOnlyList<HandVerdict> verdicts, IReadOnlyList<RowResult> results)
    {
        var answers = results.Where(result => result.Answer is not null).DistinctBy(result => (result.Row, result.Method))
            .ToDictionary(result => (result.Row, result.Method), result => result.Answer!);
        (string Text, AnswerClass Class)[] read =
        [
            .. verdicts.Where(verdict => answers.ContainsKey((verdict.Row, verdict.Method)))
                .Select(verdict => (answers[(verdict.Row, verdict.Method)], verdict.Class)).Distinct(),
        ];
        int complying = read.Count(answer => answer.Class == AnswerClass.Complies);
        return complying == 0 || complying == read.Length ? null : new ReadJudge(
            ComplianceClassifier.Train([.. read.Select(answer => (answer.Text, answer.Class == AnswerClass.Complies))]),
            complying,
            read.Count(answer => answer.Class == AnswerClass.Evades),
            read.Count(answer => answer.Class == AnswerClass.Refuses));
    }
}
