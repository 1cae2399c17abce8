namespace SeaGrpc.Alignment.Rewards;

/// <summary>Measures how long an answer may be if its chat template makes it longer.</summary>
internal static class AnswerRoom
{
    /// <summary>Maximum number of tokens of plain words that a model can read; less than 1 if not even an empty answer fits.</summary>
    /// <param name="prompt">What is read around the words.</param>
    /// <param name="words">The words' ids.</param>
    /// <param name="positions">Maximum number of tokens that the model reads.</param>
    public static int Measure(RewardPrompt prompt, int[] words, int positions)
    {
        if (prompt.LengthWith(words) <= positions)
        {
            return words.Length;
        }

        int least = prompt.LengthWith([]);
        if (least > positions)
        {
            return positions - least;
        }

        // Bisects between a length that fits and one that does not.
        (int fits, int exceeds) = (0, words.Length);
        while (exceeds - fits > 1)
        {
            int middle = fits + ((exceeds - fits) / 2);
            (fits, exceeds) = prompt.LengthWith(words[..middle]) <= positions ? (middle, exceeds) : (fits, middle);
        }

        return fits;
    }
}
