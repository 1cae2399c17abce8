namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>Counts an answer's errors: its edit distance to the grammatical answers on the prompt's topic.</summary>
internal static class AnswerErrors
{
    /// <summary>Least number of words to change, add or drop (Levenshtein distance, words against places).</summary>
    public static int Count(WorldPrompt prompt, IReadOnlyList<string> words)
    {
        int[] above = [.. Enumerable.Range(0, words.Count + 1)];
        foreach (AnswerPlace place in AnswerPlan.Places)
        {
            int[] row = new int[above.Length];
            row[0] = above[0] + 1;
            for (var at = 0; at < words.Count; at++)
            {
                int kept = above[at] + (Fits(prompt, place, words[at]) ? 0 : 1);
                row[at + 1] = Math.Min(kept, 1 + Math.Min(row[at], above[at + 1]));
            }

            above = row;
        }

        return above[^1];
    }

    /// <summary>Whether a word may stand at a place of an answer to the prompt.</summary>
    public static bool Fits(WorldPrompt prompt, AnswerPlace place, string word) => place switch
    {
        AnswerPlace.ProblemName => word == prompt.Problem,
        AnswerPlace.ObjectName => word == prompt.Object,
        _ => place.Allows(word),
    };
}
