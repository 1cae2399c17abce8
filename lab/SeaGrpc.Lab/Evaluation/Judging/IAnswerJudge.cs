using SeaGrpc.Lab.Evaluation.Datasets;

namespace SeaGrpc.Lab.Evaluation.Judging;

/// <summary>Judges answers to rows of a data set. It sees the row and the answer, never the method.</summary>
public interface IAnswerJudge
{
    /// <summary>Everything that its verdicts depend on, by name: results are comparable only if these are the same.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Judges one answer. May be called from several threads at once.</summary>
    /// <exception cref="JudgeException">There is no verdict; the message says why.</exception>
    Task<Verdict> JudgeAsync(DatasetRow row, string answer, CancellationToken cancellationToken);
}
