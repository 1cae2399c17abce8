using SeaGrpc.Modeling;

namespace SeaGrpc.Server.RemoteRewards;

/// <summary>Makes a reward of a classifier's logits.</summary>
internal static class LabelScore
{
    private const int MostShown = 20;

    /// <summary>The reward.</summary>
    /// <param name="labels">Each label's name and logit; at least one.</param>
    /// <param name="reading">Which labels make the reward; null for the only one.</param>
    /// <exception cref="FormatException">There is no such label, or several and no reading.</exception>
    public static double Of(IReadOnlyList<(string Name, double Logit)> labels, LabelReading? reading)
    {
        if (reading is null)
        {
            return labels.Count == 1
                ? labels[0].Logit
                : throw new FormatException(
                    $"has {labels.Count} labels and no setting says which is the reward: set Label. {Names(labels)}");
        }

        double logit = Logit(labels, reading.Label);
        return reading.IsLogProbability ? logit - LogSumExp(labels)
            : reading.Less is { } less ? logit - Logit(labels, less)
            : logit;
    }

    private static double Logit(IReadOnlyList<(string Name, double Logit)> labels, string name)
    {
        foreach ((string own, double logit) in labels)
        {
            if (own == name)
            {
                return logit;
            }
        }

        throw new FormatException($"has no label '{name}'; set Label to one of its own. {Names(labels)}");
    }

    private static double LogSumExp(IReadOnlyList<(string Name, double Logit)> labels)
    {
        double most = labels.Max(label => label.Logit);
        return most + Math.Log(labels.Sum(label => Math.Exp(label.Logit - most)));
    }

    private static string Names(IReadOnlyList<(string Name, double Logit)> labels)
    {
        IEnumerable<string> shown = labels.Select(label => CallerText.Shown(label.Name)).Order(StringComparer.Ordinal).Take(MostShown);
        string more = labels.Count > MostShown ? $" and {labels.Count - MostShown} more" : "";
        return $"Its labels are {string.Join(", ", shown)}{more}.";
    }
}
