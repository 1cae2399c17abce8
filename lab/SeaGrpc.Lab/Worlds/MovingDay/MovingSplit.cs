namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>
/// Which combinations of customer, day and hour belong to training, tuning and evaluation. The split never changes. The rest of a slip is
/// drawn freely.
/// </summary>
internal static class MovingSplit
{
    private const double HeldOutShare = 0.10;
    private const double TuningShare = 0.05;
    private const ulong SplitSeed = 20250522;
    private const double OptionShare = 0.5;

    /// <summary>Combinations that evaluation alone uses: 10%.</summary>
    public static readonly Visit[] HeldOut;

    /// <summary>Combinations that tuning alone uses: 5%.</summary>
    public static readonly Visit[] Tuning;

    /// <summary>The other combinations.</summary>
    public static readonly Visit[] Training;

    static MovingSplit()
    {
        Visit[] all =
        [
            .. from customer in Words(FactKind.Customer)
               from day in Words(FactKind.Day)
               from hour in Words(FactKind.Hour)
               select new Visit(customer, day, hour),
        ];
        new SeededRandom(SplitSeed).Shuffle(all);
        int heldOut = (int)(all.Length * HeldOutShare);
        int tuning = (int)(all.Length * TuningShare);
        HeldOut = all[..heldOut];
        Tuning = all[heldOut..(heldOut + tuning)];
        Training = all[(heldOut + tuning)..];
    }

    /// <summary>What every slip begins with.</summary>
    public readonly record struct Visit(string Customer, string Day, string Hour);

    /// <summary>Distinct prompts, each of another combination of a split, in a random order.</summary>
    public static IReadOnlyList<WorldPrompt> Prompts(Visit[] split, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, split.Length);
        var random = new SeededRandom((ulong)seed);
        Visit[] order = [.. split];
        random.Shuffle(order);
        return [.. order.Take(count).Select(visit => Prompt(Slip(visit, random), random, heldOut: split != Training))];
    }

    /// <summary>A slip: the combination, one to three different items, and a gate and a price half of the time each.</summary>
    public static MovingSlip Slip(Visit visit, SeededRandom random)
    {
        List<string> facts = [visit.Customer, visit.Day, visit.Hour];
        for (int items = 1 + random.Next(MovingPlan.MostItems); items > 0;)
        {
            string item = random.Pick(Words(FactKind.Item));
            if (!facts.Contains(item))
            {
                facts.Add(item);
                items--;
            }
        }

        foreach (FactKind option in new[] { FactKind.Gate, FactKind.Price })
        {
            if (random.Chance(OptionShare))
            {
                facts.Add(random.Pick(Words(option)));
            }
        }

        return new MovingSlip(facts);
    }

    /// <summary>A prompt that hands in a slip.</summary>
    public static WorldPrompt Prompt(MovingSlip slip, SeededRandom random, bool heldOut) =>
        new(slip.Request(random.Pick(MovingLexicon.Templates)), Problem: "move", string.Join(' ', slip.Of(FactKind.Item)), heldOut)
        {
            Customer = slip.Of(FactKind.Customer)[0],
        };

    private static IReadOnlyList<string> Words(FactKind kind) => MovingLexicon.Facts[(int)kind];
}
