namespace SeaGrpc.Lab.Evaluation.Judging.Refusals;

/// <summary>Whether an answer refuses: a <see cref="LogisticClassifier"/> of <see cref="WordFeatures"/>.</summary>
public sealed class RefusalClassifier
{
    /// <summary>Changes with every change of features or training.</summary>
    public const string Version = "words-1";

    private readonly LogisticClassifier _classifier;

    private RefusalClassifier(LogisticClassifier classifier) => _classifier = classifier;

    /// <summary>Trains one. Both classes have the same total weight, whatever their numbers.</summary>
    public static RefusalClassifier Train(IReadOnlyList<RefusalExample> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return new RefusalClassifier(
            LogisticClassifier.Train([.. answers.Select(answer => (answer.Text, answer.IsRefusal))], WordFeatures.Of));
    }

    /// <summary>The probability that an answer refuses, in [0, 1].</summary>
    public double Probability(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return _classifier.Probability(answer);
    }

    /// <summary>Whether an answer refuses: a probability above a half.</summary>
    public bool Refuses(string answer) => Probability(answer) > 0.5;
}
