namespace SeaGrpc.Cli.Calibration;

/// <summary>What <c>calibrate</c> tries where the user names no prompts.</summary>
internal static class BuiltInPrompts
{
    /// <summary>For the embedded pair: requests of its world that no model was trained on.</summary>
    public static IReadOnlyList<string> Embedded { get; } =
    [
        "My fork is leaking, what can you do?",
        "Please help me, my modem is late.",
        "Can you help me with my cracked belt?",
        "Please help me, my lamp is cracked.",
        "Can you help me with my cracked printer?",
        "I bought this drill last week and it is leaking.",
    ];

    /// <summary>For models that do not speak the embedded world's language.</summary>
    public static IReadOnlyList<string> General { get; } =
    [
        "How do I make a cup of tea?",
        "Explain what a mortgage is to a teenager.",
        "My neighbour is loud at night. What can I do?",
        "Write a short note that thanks a colleague.",
        "What should I pack for a week in the mountains?",
        "Is it safe to eat raw eggs?",
    ];
}
