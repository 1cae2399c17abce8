namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>Varies a prompt's spelling as people do: small first letters, missing or repeated marks.</summary>
internal static class PromptTyping
{
    private static readonly string[] Endings = ["", ".", "!", "?", "??", "!!", "..."];

    /// <summary>The prompt as somebody may type it; half the time as it stands.</summary>
    public static string Vary(string text, SeededRandom random)
    {
        if (random.Chance(0.5))
        {
            return text;
        }

        if (random.Chance(0.5))
        {
            text = char.ToLowerInvariant(text[0]) + text[1..];
        }

        if (random.Chance(0.3))
        {
            text = text.Replace(",", string.Empty, StringComparison.Ordinal);
        }

        return random.Chance(0.6) ? text.TrimEnd('.', '!', '?') + random.Pick(Endings) : text;
    }
}
