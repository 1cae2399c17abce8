using static SeaGrpc.Lab.Worlds.KeepYourWord.AnswerPlace;

namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>The grammar of answers: seven sentences, one set of words for each place. Generator and judge read the same places.</summary>
/// <remarks>Every answer has the same number of words, so that it improves by replacing words where they stand.</remarks>
internal static class AnswerPlan
{
    /// <summary>The action that is promised early and repeated late.</summary>
    public const int Action = 0;

    /// <summary>The deadline that is promised early and repeated late.</summary>
    public const int Deadline = 1;

    /// <summary>The channel that is promised early and repeated late.</summary>
    public const int Channel = 2;

    /// <summary>The customer's name, named late.</summary>
    public const int Customer = 3;

    /// <summary>The price is good.</summary>
    public const int Price = 4;

    /// <summary>The customer's data are in good hands.</summary>
    public const int Data = 5;

    /// <summary>The staff is good.</summary>
    public const int Staff = 6;

    /// <summary>Number of requirements.</summary>
    public const int RequirementCount = 7;

    /// <summary>What each requirement is about, by index.</summary>
    public static readonly string[] RequirementNames = ["action", "deadline", "channel", "customer", "price", "data", "staff"];

    /// <summary>The places in the order in which they are read.</summary>
    public static readonly AnswerPlace[] Places =
    [
        .. Words("Thank you for your note|message|report|request about|regarding|concerning the|this|that"), new ProblemName(),
        new ObjectName(), .. Words("."),

        .. Words("Our|The team|crew|group will"), new Promised(Action, WordLexicon.Actions), .. Words("it by"),
        new Promised(Deadline, WordLexicon.Deadlines), .. Words("and answer|reply|respond by"), new Promised(Channel, WordLexicon.Channels),
        .. Words("."),

        .. Words("The|This work|job|visit will be"), Either(Price, "free covered included", "costly expensive pricey"), .. Words("."),

        .. Words("Your data|details|records will stay|remain"), Either(Data, "private safe protected", "public exposed unsafe"),
        .. Words("."),

        .. Words("Our|The experts|technicians|people are very|quite|really"),
        Either(Staff, "skilled careful friendly", "careless clumsy rude"), .. Words("."),

        .. Words("So|Now ,"), new CustomerName(Customer), .. Words(", we|they shall"), new Kept(Action, WordLexicon.Actions),
        .. Words("it no later than"),
        new Kept(Deadline, WordLexicon.Deadlines), .. Words("."),

        .. Words("Please expect|await our|the news|update|word via"), new Kept(Channel, WordLexicon.Channels), .. Words("."),
    ];

    /// <summary>Every word that the grammar allows somewhere, once.</summary>
    public static readonly string[] AllWords = [.. Places.SelectMany(place => place.Words).Distinct()];

    private static IEnumerable<AnswerPlace> Words(string places) => places.Split(' ').Select(words => new Neutral(words.Split('|')));

    private static Polar Either(int requirement, string good, string bad) => new(requirement, good.Split(' '), bad.Split(' '));
}
