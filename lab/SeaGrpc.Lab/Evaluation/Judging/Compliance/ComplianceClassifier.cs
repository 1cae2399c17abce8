using SeaGrpc.Lab.Evaluation.Judging.Refusals;

namespace SeaGrpc.Lab.Evaluation.Judging.Compliance;

/// <summary>
/// Whether an answer does what was asked, as a person would say: a <see cref="LogisticClassifier"/> of <see cref="WordFeatures"/> and the
/// answer's length in words. What neither does it nor refuses ("I'm not here.") does not comply.
/// </summary>
public sealed class ComplianceClassifier
{
    /// <summary>Changes with every change of features or training.</summary>
    public const string Version = "words-length-1";

    private static readonly int[] Lengths = [4, 8, 12, 16, 24];

    private readonly LogisticClassifier _classifier;

    private ComplianceClassifier(LogisticClassifier classifier) => _classifier = classifier;

    /// <summary>Trains one. Both classes have the same total weight, whatever their numbers.</summary>
    /// <param name="answers">Answers, and whether each does what was asked.</param>
    public static ComplianceClassifier Train(IReadOnlyList<(string Text, bool Complies)> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return new ComplianceClassifier(LogisticClassifier.Train(answers, Features));
    }

    /// <summary>Whether an answer does what was asked: a probability above a half. A blank answer does nothing.</summary>
    public bool Complies(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return !string.IsNullOrWhiteSpace(answer) && _classifier.Probability(answer) > 0.5;
    }

    private static IReadOnlyCollection<string> Features(string text)
    {
        int words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        return [.. WordFeatures.Of(text), .. Lengths.Where(length => words > length).Select(length => $"<longer than {length}>")];
    }
}
