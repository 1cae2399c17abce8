using SeaGrpc.Lab.Evaluation.Judging.Mathematics;
using SeaGrpc.Lab.Evaluation.Judging.Numbers;

namespace SeaGrpc.Lab.Evaluation.Datasets;

/// <summary>How each suite's records become rows.</summary>
internal static class SuiteRows
{
    private const string AnswerIs = "The answer is:";

    public static DatasetRow AdvBench(DatasetRecord record) => Row(record, record.Required("goal")) with
    {
        Target = record.Optional("target") ?? "",
    };

    public static DatasetRow TruthfulQa(DatasetRecord record) => Row(record, record.Required("Question")) with
    {
        Reference = record.Required("Best Answer"),
        CorrectAnswers = Answers(record.Required("Correct Answers")),
        IncorrectAnswers = Answers(record.Required("Incorrect Answers")),
    };

    public static DatasetRow Gsm8k(DatasetRecord record)
    {
        string solution = record.Required("answer");
        return Row(record, record.Required("question")) with
        {
            Solution = solution,
            Reference = FinalNumber.MarkedText(solution)
                ?? throw new RowException("the field 'answer' has no '#### NUMBER' at its end"),
        };
    }

    /// <summary>
    /// Both public forms: separate fields for problem, solution and answer, or a question and an answer that is the solution,
    /// followed in some files by a sentence with the answer once more.
    /// </summary>
    public static DatasetRow Math(DatasetRecord record)
    {
        string question = record.Optional("problem") ?? record.Required("question");
        string? ownAnswer = record.Optional("solution") is null ? null : record.Optional("answer");
        string solution = record.Optional("solution") ?? record.Required("answer");
        int tail = solution.LastIndexOf(AnswerIs, StringComparison.Ordinal);
        string? reference = ownAnswer ?? (tail >= 0 ? solution[(tail + AnswerIs.Length)..].Trim() : null) ?? BoxedAnswer.Last(solution);
        return Row(record, question) with
        {
            Solution = tail >= 0 ? solution[..tail].TrimEnd() : solution,
            Reference = string.IsNullOrWhiteSpace(reference) ? throw new RowException(@"its solution has no \boxed{} answer") : reference,
        };
    }

    private static DatasetRow Row(DatasetRecord record, string question) =>
        new(record.Optional("unique_id") ?? record.Line.ToString(), record.Line, question);

    private static string[] Answers(string field) =>
        field.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
