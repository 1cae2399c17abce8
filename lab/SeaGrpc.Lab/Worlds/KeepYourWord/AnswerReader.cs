namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>Reads what an answer's words say, exactly, whether the grammar generates it or not.</summary>
internal static class AnswerReader
{
    /// <summary>Whether the grammar generates the words.</summary>
    public static bool IsGrammatical(IReadOnlyList<string> words) =>
        words.Count == AnswerPlan.Places.Length
            && AnswerPlan.Places.Zip(words, (place, word) => place.Allows(word)).All(allowed => allowed);

    /// <summary>Whether the words name the prompt's problem and object, and no other.</summary>
    public static bool IsOnTopic(WorldPrompt prompt, IReadOnlyList<string> words) =>
        NamesOnly(words, Lexicon.Problems, prompt.Problem) && NamesOnly(words, Lexicon.Objects, prompt.Object);

    /// <summary>Which requirements the words meet, by index.</summary>
    /// <remarks>
    /// The words decide, not their places, so that the reading is defined off the grammar too: a promise is kept where its detail
    /// appears twice or more and never as another; the customer is the prompt's and nobody else; a good word stands and no bad one.
    /// </remarks>
    public static bool[] Requirements(WorldPrompt prompt, IReadOnlyList<string> words)
    {
        var met = new bool[AnswerPlan.RequirementCount];
        foreach (AnswerPlace place in AnswerPlan.Places)
        {
            switch (place)
            {
                case AnswerPlace.Kept kept:
                    string[] details = [.. words.Where(kept.Allows)];
                    met[kept.Requirement] = details.Length >= 2 && details.Distinct().Count() == 1;
                    break;
                case AnswerPlace.CustomerName customer:
                    met[customer.Requirement] = NamesOnly(words, WordLexicon.Customers, prompt.Customer);
                    break;
                case AnswerPlace.Polar polar:
                    met[polar.Requirement] = words.Any(polar.Good.Contains) && !words.Any(polar.Bad.Contains);
                    break;
            }
        }

        return met;
    }

    private static bool NamesOnly(IReadOnlyList<string> words, string[] names, string? expected)
    {
        string[] named = [.. words.Where(names.Contains).Distinct()];
        return named.Length == 1 && named[0] == expected;
    }
}
