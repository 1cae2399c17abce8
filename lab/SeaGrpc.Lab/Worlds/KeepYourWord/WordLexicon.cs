namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>What the world's prompts and promises are made of; problems and objects are the support desk's.</summary>
internal static class WordLexicon
{
    /// <summary>The customers: one word each.</summary>
    public static readonly string[] Customers =
    [
        "Anna", "Boris", "Clara", "David", "Elena", "Felix", "Greta", "Henry", "Irene", "Jonas",
        "Karin", "Lukas", "Maria", "Nils", "Olivia", "Peter", "Quinn", "Rosa", "Simon", "Tessa",
        "Ulrich", "Vera", "Walter", "Xenia", "Yusuf", "Zoe", "Albert", "Bianca", "Carlos", "Diana",
        "Emil", "Fatima", "Gustav", "Hanna", "Ivan", "Julia", "Kofi", "Laura", "Mateo", "Nadia",
        "Oscar", "Paula", "Rafael", "Sofia", "Thomas", "Ursula", "Viktor", "Wanda", "Yara", "Zeno",
        "Amir", "Bella", "Cyrus", "Dora", "Edgar", "Flora", "Goran", "Heidi", "Isaac", "Judith",
        "Kenji", "Leila", "Martin", "Noor",
    ];

    /// <summary>What can be promised: one word each.</summary>
    public static readonly string[] Actions =
    [
        "repair", "replace", "inspect", "exchange", "clean", "rebuild", "upgrade", "adjust",
        "test", "restore", "polish", "rewire", "collect", "refund", "deliver", "recycle",
    ];

    /// <summary>By when: one word each.</summary>
    public static readonly string[] Deadlines =
    [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        "tomorrow", "tonight", "noon", "midnight", "Easter",
    ];

    /// <summary>How the customer will hear of it: one word each.</summary>
    public static readonly string[] Channels =
        ["email", "letter", "chat", "text", "fax", "post", "video", "telegram", "courier", "voicemail"];

    /// <summary>The ways to ask, with {0} for the object, {1} for the problem and {2} for the customer.</summary>
    public static readonly string[] Templates =
    [
        "Good day, this is {2}, my {0} is {1}.",
        "My {0} is {1}, what can you do? Regards, {2}.",
        "I am {2} and the {0} that I bought is {1}!",
        "Please help me with my {1} {0}, yours {2}.",
        "Hi, {2} here, why is my new {0} {1}?",
        "The {0} you sold me is {1}. My name is {2}.",
        "It is {2} again, the {0} is still {1}!",
        "Can you help {2} with this {1} {0}?",
    ];
}
