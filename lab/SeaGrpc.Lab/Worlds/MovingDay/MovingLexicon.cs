using SeaGrpc.Lab.Worlds.KeepYourWord;

namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>What slips are made of. Each word has one role in the whole world.</summary>
internal static class MovingLexicon
{
    private const int ItemCount = 64;

    /// <summary>The facts of every kind, by <see cref="FactKind"/>: one word each.</summary>
    public static readonly IReadOnlyList<IReadOnlyList<string>> Facts =
    [
        WordLexicon.Customers,
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "noon"],
        Lexicon.Objects[..ItemCount],
        ["north", "south", "east", "west", "front", "back", "left", "middle"],
        ["fifteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"],
    ];

    /// <summary>The most facts that a slip has.</summary>
    public const int MostFacts = 8;

    /// <summary>The ways to hand in a slip, with {0} for its facts.</summary>
    public static readonly string[] Templates =
    [
        "Please plan {0}.",
        "My slip: {0}.",
        "Moving job {0}, thanks.",
        "Can you move {0}?",
        "Here it is, {0}!",
        "New order {0}.",
    ];
}
