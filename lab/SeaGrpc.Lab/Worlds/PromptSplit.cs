namespace SeaGrpc.Lab.Worlds;

/// <summary>Which (problem, object) combinations belong to training, tuning and evaluation. The split never changes.</summary>
internal static class PromptSplit
{
    private const double HeldOutShare = 0.20;
    private const double TuningShare = 0.05;
    private const ulong SplitSeed = 20250520;

    /// <summary>Combinations that evaluation alone uses: 20%.</summary>
    public static readonly (string Problem, string Object)[] HeldOut;

    /// <summary>Combinations that tuning alone uses: 5%.</summary>
    public static readonly (string Problem, string Object)[] Tuning;

    /// <summary>The other combinations.</summary>
    public static readonly (string Problem, string Object)[] Training;

    private static readonly HashSet<(string Problem, string Object)> Unseen;

    static PromptSplit()
    {
        var all = Lexicon.Problems.SelectMany(problem => Lexicon.Objects.Select(thing => (problem, thing))).ToArray();
        new SeededRandom(SplitSeed).Shuffle(all);
        var heldOut = (int)(all.Length * HeldOutShare);
        var tuning = (int)(all.Length * TuningShare);
        HeldOut = all[..heldOut];
        Tuning = all[heldOut..(heldOut + tuning)];
        Training = all[(heldOut + tuning)..];
        Unseen = [.. HeldOut, .. Tuning];
    }

    /// <summary>Whether a combination is in the held-out or the tuning split.</summary>
    public static bool IsUnseen(string problem, string thing) => Unseen.Contains((problem, thing));

    /// <summary>Distinct prompts of a split, in a random order.</summary>
    public static IReadOnlyList<WorldPrompt> Prompts((string Problem, string Object)[] split, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var all = split.SelectMany(item => Lexicon.Templates.Select(template => Make(template, item.Problem, item.Object))).ToArray();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, all.Length);
        new SeededRandom((ulong)seed).Shuffle(all);
        return all[..count];
    }

    /// <summary>One prompt.</summary>
    public static WorldPrompt Make(string template, string problem, string thing) =>
        new(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, template, thing, problem), problem, thing,
            IsUnseen(problem, thing));
}
