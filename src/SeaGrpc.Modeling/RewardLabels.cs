using SeaGrpc.Modeling.Checkpoints;
using SeaGrpc.Modeling.Families;

namespace SeaGrpc.Modeling;

/// <summary>Places of the labels that make a reward.</summary>
/// <param name="Count">Number of labels of the classifier.</param>
/// <param name="Label">The label that is rewarded.</param>
/// <param name="Less">The label whose logit is subtracted, or null.</param>
/// <param name="IsLogProbability">Whether it is the logarithm of a probability.</param>
internal sealed record RewardLabels(int Count, int Label, int? Less, bool IsLogProbability)
{
    /// <summary>Finds the places. A classifier with one label needs no reading.</summary>
    /// <param name="folder">The checkpoint folder, for messages.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="reading">What makes the reward; null for the only label.</param>
    /// <exception cref="CheckpointException">There is no such label, or several labels and no reading.</exception>
    public static RewardLabels Of(string folder, CheckpointConfig config, LabelReading? reading)
    {
        string file = Path.Combine(folder, "config.json");
        if (reading is null)
        {
            return config.LabelCount == 1 ? new RewardLabels(1, 0, null, false) : throw new CheckpointException(file, Ambiguous(config));
        }

        int label = Place(reading.Label);
        int? less = reading.Less is { } other ? Place(other) : null;
        return (reading.IsLogProbability && config.LabelCount == 1) || less == label
            ? throw new CheckpointException(file, $"'{reading}' is the same for every answer, so it is no reward: {Instead(config)}")
            : new RewardLabels(config.LabelCount, label, less, reading.IsLogProbability);

        int Place(string name) =>
            config.Labels.Index().Where(known => known.Item == name).Select(known => (int?)known.Index).FirstOrDefault()
            ?? throw new CheckpointException(file, $"the classifier has no label '{name}': {Instead(config)}");
    }

    /// <summary>What to change where a classifier has several labels and none is named.</summary>
    public static string Ambiguous(CheckpointConfig config) =>
        $"the classifier has {config.LabelCount} labels and no setting says which is the reward: {Instead(config)}";

    private static string Instead(CheckpointConfig config)
    {
        const int Shown = 20;
        string more = config.Labels.Count > Shown ? $" and {config.Labels.Count - Shown} more" : "";
        return $"set RewardLabel (of one among several rewards, its Label) to {LabelReading.Form}; "
            + $"its labels are {string.Join(", ", config.Labels.Take(Shown))}{more}.";
    }
}
