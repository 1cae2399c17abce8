namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>What a reward model reads of a pair: two texts that begin alike.</summary>
/// <param name="Shared">The ids with which both begin; may be empty.</param>
/// <param name="Chosen">The further ids of the chosen text; at least one.</param>
/// <param name="Rejected">Those of the rejected text; at least one.</param>
internal sealed record PairIds(int[] Shared, int[] Chosen, int[] Rejected)
{
    /// <summary>Number of ids that are read if the beginning is read once.</summary>
    public int Length => Shared.Length + Chosen.Length + Rejected.Length;

    /// <summary>Number of ids of the longer text.</summary>
    public int Longest => Shared.Length + Math.Max(Chosen.Length, Rejected.Length);

    /// <summary>The chosen text as a whole.</summary>
    public TrainingSequence ChosenText => new([.. Shared, .. Chosen], Shared.Length);

    /// <summary>The rejected text as a whole.</summary>
    public TrainingSequence RejectedText => new([.. Shared, .. Rejected], Shared.Length);

    /// <summary>Splits two texts after their common beginning. Each keeps at least its last id for itself.</summary>
    public static PairIds Of(int[] chosen, int[] rejected)
    {
        int shared = Math.Min(chosen.AsSpan().CommonPrefixLength(rejected), Math.Min(chosen.Length, rejected.Length) - 1);
        return new PairIds(chosen[..shared], chosen[shared..], rejected[shared..]);
    }
}
