using System.Globalization;

namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>
/// Which combinations of customer, object and problem belong to training, tuning and evaluation. The split never changes.
/// </summary>
internal static class WordPromptSplit
{
    private const double HeldOutShare = 0.10;
    private const double TuningShare = 0.05;
    private const ulong SplitSeed = 20250521;

    /// <summary>Combinations that evaluation alone uses: 10%.</summary>
    public static readonly Combination[] HeldOut;

    /// <summary>Combinations that tuning alone uses: 5%.</summary>
    public static readonly Combination[] Tuning;

    /// <summary>The other combinations.</summary>
    public static readonly Combination[] Training;

    static WordPromptSplit()
    {
        Combination[] all =
        [
            .. from customer in WordLexicon.Customers
               from thing in Lexicon.Objects
               from problem in Lexicon.Problems
               select new Combination(customer, thing, problem),
        ];
        new SeededRandom(SplitSeed).Shuffle(all);
        var heldOut = (int)(all.Length * HeldOutShare);
        var tuning = (int)(all.Length * TuningShare);
        HeldOut = all[..heldOut];
        Tuning = all[heldOut..(heldOut + tuning)];
        Training = all[(heldOut + tuning)..];
    }

    /// <summary>What a prompt is about.</summary>
    public readonly record struct Combination(string Customer, string Object, string Problem);

    /// <summary>Distinct prompts, each of another combination of a split, in a random order.</summary>
    public static IReadOnlyList<WorldPrompt> Prompts(Combination[] split, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, split.Length);
        var random = new SeededRandom((ulong)seed);
        Combination[] order = [.. split];
        random.Shuffle(order);
        return [.. order.Take(count).Select(combination => Make(random.Pick(WordLexicon.Templates), combination, split != Training))];
    }

    /// <summary>One prompt.</summary>
    public static WorldPrompt Make(string template, Combination about, bool heldOut) =>
        new(
            string.Format(CultureInfo.InvariantCulture, template, about.Object, about.Problem, about.Customer), about.Problem, about.Object,
            heldOut)
        {
            Customer = about.Customer,
        };
}
