namespace SeaGrpc.Lab.Worlds;

/// <summary>Makes one word of an answer wrong.</summary>
internal static class WordDamage
{
    /// <summary>The names of the errors.</summary>
    public static IReadOnlyList<string> Kinds { get; } = Enum.GetNames<WordError>();

    /// <summary>A right answer with one error. An error that leaves it right is drawn again. An inserted word is one of its own.</summary>
    /// <param name="answer">The answer; words are what spaces part.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="isRight">Whether nothing is wrong with an answer.</param>
    /// <param name="random">Draws where and what.</param>
    /// <exception cref="ArgumentException">There is no such error.</exception>
    public static string Of(string answer, string kind, Func<string, bool> isRight, SeededRandom random)
    {
        WordError error = Enum.Parse<WordError>(kind);
        string[] right = answer.Split(' ');
        return Redraw.Until(
            () =>
            {
                List<string> words = [.. right];
                Make(words, error, random.Next(words.Count), right, random);
                return string.Join(' ', words);
            },
            damaged => !isRight(damaged));
    }

    /// <summary>Makes an error.</summary>
    /// <param name="words">The words; changed. At least two, of which neighbours differ where they are swapped.</param>
    /// <param name="error">The error.</param>
    /// <param name="at">Where a word is dropped or doubled; the others draw their places.</param>
    /// <param name="language">The words that may be inserted.</param>
    /// <param name="random">Draws where and what.</param>
    public static void Make(List<string> words, WordError error, int at, IReadOnlyList<string> language, SeededRandom random)
    {
        switch (error)
        {
            case WordError.WordDropped:
                words.RemoveAt(at);
                break;
            case WordError.WordDoubled:
                words.Insert(at, words[at]);
                break;
            case WordError.WordSwapped:
                at = random.Pick(Swaps(words));
                (words[at], words[at + 1]) = (words[at + 1], words[at]);
                break;
            default:
                words.Insert(random.Next(words.Count + 1), random.Pick(language));
                break;
        }
    }

    /// <summary>The words that differ from the next one.</summary>
    public static int[] Swaps(IReadOnlyList<string> words) =>
        [.. Enumerable.Range(0, Math.Max(0, words.Count - 1)).Where(at => words[at] != words[at + 1])];
}
