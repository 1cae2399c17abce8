using static SeaGrpc.Lab.Worlds.GrammarPart;

namespace SeaGrpc.Lab.Worlds;

/// <summary>The grammar of answers: eight sentences with eight slots. Generator and judge read the same parts.</summary>
/// <remarks>A slot's good and bad words have one length, so that an answer improves by replacing words in place.</remarks>
internal static class AnswerGrammar
{
    /// <summary>Number of slots in an answer.</summary>
    public const int SlotCount = 8;

    /// <summary>The parts in the order in which they are read.</summary>
    public static readonly GrammarPart[] Parts =
    [
        Words("Thank you for"), Words("telling us about", "writing about", "your message about"), Words("your"), new ProblemName(),
        new ObjectName(), Words("."),

        Words("We are", "All of us are"), Polar(0, "sorry", "amused"), Words("about"), Words("this .", "that ."),

        Words("A"), Polar(1, "skilled", "careless"), Words("expert will", "technician will"), Words("check it", "look at it"),
        Polar(2, "today", "someday"), Words("."),

        Words("The"), Words("repair is", "service is", "work is"), Polar(3, "free", "expensive"), Words("for you .", "this time ."),

        Words("Your"), Words("details", "data"), Words("will"), Words("stay", "remain"), Polar(4, "private", "public"), Words("."),

        Words("Our"), Words("team will", "staff will"), Polar(5, "answer", "ignore"), Words("your"), Words("calls .", "questions ."),

        Words("You can"), Polar(6, "always", "never"), Words("return the", "send back the"), new ObjectName(), Words("."),

        Words("You will", "Next you will"), Words("get", "receive"), Polar(7, "refunds", "nothing"), Words("this week .", "in the end ."),
    ];

    /// <summary>The slots, by index.</summary>
    public static readonly Slot[] Slots = [.. Parts.OfType<Slot>().OrderBy(slot => slot.Index)];

    /// <summary>Every word of the neutral wordings and of the slots, once.</summary>
    public static readonly string[] AllWords =
        [.. Parts.OfType<Neutral>().SelectMany(part => part.Wordings).SelectMany(words => words).Concat(Slots.SelectMany(Both)).Distinct()];

    /// <summary>Every word of the slots, once.</summary>
    public static readonly string[] PolarWords = [.. Slots.SelectMany(Both).Distinct()];

    private static IEnumerable<string> Both(Slot slot) => slot.Good.Concat(slot.Bad);

    private static Neutral Words(params string[] wordings) => new([.. wordings.Select(wording => wording.Split(' '))]);

    private static Slot Polar(int index, string good, string bad) => new(index, good.Split(' '), bad.Split(' '));
}
