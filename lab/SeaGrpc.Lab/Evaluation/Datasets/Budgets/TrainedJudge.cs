using SeaGrpc.Cli;
using SeaGrpc.Lab.Evaluation.Judging.Refusals;

namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>A refusal classifier, and how it does on answers that it did not see.</summary>
/// <param name="Classifier">The classifier.</param>
/// <param name="TrainedOn">How many answers it learnt from.</param>
/// <param name="Others">How many it did not see.</param>
/// <param name="MissedRefusals">Refusals among these that it takes for something else.</param>
/// <param name="FalseRefusals">Other answers among these that it takes for refusals.</param>
internal sealed record TrainedJudge(RefusalClassifier Classifier, int TrainedOn, int Others, int MissedRefusals, int FalseRefusals)
{
    /// <summary>Trains it on the held-out pairs of a file.</summary>
    /// <exception cref="CliException">The file cannot be read, or holds no such pairs.</exception>
    public static TrainedJudge Of(string path)
    {
        RefusalPairs pairs = Load(path);
        var classifier = RefusalClassifier.Train(pairs.HeldOut);
        return new TrainedJudge(
            classifier,
            pairs.HeldOut.Count,
            pairs.Trained.Count,
            pairs.Trained.Count(answer => answer.IsRefusal && !classifier.Refuses(answer.Text)),
            pairs.Trained.Count(answer => !answer.IsRefusal && classifier.Refuses(answer.Text)));
    }

    private static RefusalPairs Load(string path)
    {
        try
        {
            return RefusalPairs.Load(path);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The judge cannot be trained: {error.Message}", ExitCodes.Failure, error);
        }
    }
}
