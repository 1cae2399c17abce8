using SeaGrpc.Lab.Worlds;

namespace SeaGrpc.Lab.Evaluation.Judging;

/// <summary>
/// Whether an answer is of a class, by logistic regression on features that are either there or not. It is trained in a second, from
/// labelled answers, and the same answers in the same order give the same classifier.
/// </summary>
internal sealed class LogisticClassifier
{
    private const int FewestAnswers = 2;
    private const int Epochs = 30;
    private const double FirstRate = 0.2;
    private const double Decay = 0.003;
    private const double LargestLogit = 30;
    private const ulong Seed = 1;

    private readonly Func<string, IReadOnlyCollection<string>> _features;
    private readonly Dictionary<string, int> _places;
    private readonly double[] _weights;

    private LogisticClassifier(Func<string, IReadOnlyCollection<string>> features, Dictionary<string, int> places) =>
        (_features, _places, _weights) = (features, places, new double[places.Count]);

    /// <summary>Trains one. Both classes have the same total weight, whatever their numbers.</summary>
    /// <param name="answers">Answers, and whether each is of the class.</param>
    /// <param name="featuresOf">The different features of a text. Those that fewer than two answers have are ignored.</param>
    public static LogisticClassifier Train(
        IReadOnlyList<(string Text, bool IsOfClass)> answers, Func<string, IReadOnlyCollection<string>> featuresOf)
    {
        IReadOnlyCollection<string>[] features = [.. answers.Select(answer => featuresOf(answer.Text))];
        var places = features.SelectMany(found => found).CountBy(feature => feature, StringComparer.Ordinal)
            .Where(feature => feature.Value >= FewestAnswers).Select(feature => feature.Key).Order(StringComparer.Ordinal).Index()
            .ToDictionary(feature => feature.Item, feature => feature.Index, StringComparer.Ordinal);
        var classifier = new LogisticClassifier(featuresOf, places);
        int[][] known = [.. features.Select(classifier.Known)];
        int members = answers.Count(answer => answer.IsOfClass);
        double weight = members == 0 ? 1 : (answers.Count - members) / (double)members;
        var random = new SeededRandom(Seed);
        int[] order = [.. Enumerable.Range(0, answers.Count)];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(order);
            double rate = FirstRate / (1 + FirstRate * epoch);
            foreach (int index in order)
            {
                classifier.Step(known[index], answers[index].IsOfClass, rate * (answers[index].IsOfClass ? weight : 1), rate * Decay);
            }
        }

        return classifier;
    }

    /// <summary>The probability that an answer is of the class, in [0, 1].</summary>
    public double Probability(string answer) => Probability(Known(_features(answer)));

    private int[] Known(IReadOnlyCollection<string> features) =>
        [.. features.Where(_places.ContainsKey).Select(feature => _places[feature]).Order()];

    private double Probability(int[] known) =>
        1 / (1 + Math.Exp(-Math.Clamp(known.Sum(place => _weights[place]), -LargestLogit, LargestLogit)));

    private void Step(int[] known, bool isOfClass, double rate, double decay)
    {
        double slope = (Probability(known) - (isOfClass ? 1 : 0)) / Math.Sqrt(Math.Max(1, known.Length));
        foreach (int place in known)
        {
            _weights[place] -= rate * slope + decay * _weights[place];
        }
    }
}
