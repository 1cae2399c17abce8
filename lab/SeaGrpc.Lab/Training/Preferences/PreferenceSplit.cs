using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>Pairs to train on, and pairs that measure the result.</summary>
/// <param name="Train">At least one.</param>
/// <param name="HeldOut">May be empty.</param>
internal sealed record PreferenceSplit(IReadOnlyList<PreferencePair> Train, IReadOnlyList<PreferencePair> HeldOut)
{
    private const string TrainName = "train";
    private const double DefaultShare = 0.1;

    /// <summary>
    /// Splits by the names in the file: <c>train</c> is trained on, every other name is held out. If the file names no split, draws
    /// conversations at random, so that none is on both sides.
    /// </summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="pairs">Its pairs.</param>
    /// <param name="share">Share of the pairs to hold out where the file names no split; null for a tenth.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <exception cref="DatasetException">Some pairs name a split and others do not, or none are left to train on.</exception>
    public static PreferenceSplit Of(string path, IReadOnlyList<PreferencePair> pairs, double? share, int seed)
    {
        PreferencePair[] unnamed = [.. pairs.Where(pair => pair.Split is null)];
        if (unnamed.Length < pairs.Count && unnamed.Length > 0)
        {
            throw new DatasetException(PreferenceFile.Fault(
                path, unnamed[0].Line, "it names no split, but other lines do; name one on every line, or on none"));
        }

        if (unnamed.Length == 0 && share is not null)
        {
            throw new DatasetException($"{path} names a split on every line, so a share cannot be held out besides; leave it out.");
        }

        PreferenceSplit split = unnamed.Length == 0 ? Named(pairs) : Drawn(pairs, share ?? DefaultShare, seed);
        return split.Train.Count > 0
            ? split
            : throw new DatasetException($"{path} leaves no pairs to train on; name the split {TrainName} on some, or hold out fewer.");
    }

    private static PreferenceSplit Named(IReadOnlyList<PreferencePair> pairs)
    {
        ILookup<bool, PreferencePair> sides =
            pairs.ToLookup(pair => string.Equals(pair.Split, TrainName, StringComparison.OrdinalIgnoreCase));
        return new PreferenceSplit([.. sides[true]], [.. sides[false]]);
    }

    private static PreferenceSplit Drawn(IReadOnlyList<PreferencePair> pairs, double share, int seed)
    {
        PreferencePair[][] conversations = [.. pairs.GroupBy(pair => Key(pair.Messages)).Select(group => group.ToArray())];
        new Random(seed).Shuffle(conversations);
        HashSet<PreferencePair> held = new(ReferenceEqualityComparer.Instance);
        foreach (PreferencePair[] conversation in conversations.TakeWhile(_ => held.Count < share * pairs.Count))
        {
            held.UnionWith(conversation);
        }

        return new PreferenceSplit([.. pairs.Where(pair => !held.Contains(pair))], [.. pairs.Where(held.Contains)]);
    }

    private static string Key(IReadOnlyList<ChatMessage> messages) =>
        string.Join('\u0001', messages.Select(message => $"{message.Role}\u0002{message.Content}"));
}
