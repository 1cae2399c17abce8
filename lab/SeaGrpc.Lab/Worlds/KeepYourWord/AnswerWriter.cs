namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>Writes answers that the grammar generates, word by word.</summary>
internal static class AnswerWriter
{
    /// <summary>The words of one answer.</summary>
    /// <param name="prompt">The request.</param>
    /// <param name="met">Which requirements are met, by index; the others are missed.</param>
    /// <param name="random">Draws wordings, promises, and what stands where a requirement is missed.</param>
    public static string[] Write(WorldPrompt prompt, IReadOnlyList<bool> met, SeededRandom random)
    {
        var promised = new string[AnswerPlan.RequirementCount];
        var words = new string[AnswerPlan.Places.Length];
        for (var at = 0; at < words.Length; at++)
        {
            words[at] = AnswerPlan.Places[at] switch
            {
                AnswerPlace.ProblemName => prompt.Problem,
                AnswerPlace.ObjectName => prompt.Object,
                AnswerPlace.Promised place => promised[place.Requirement] = random.Pick(place.Words),
                AnswerPlace.Kept place => Detail(place.Words, promised[place.Requirement], met[place.Requirement], random),
                AnswerPlace.CustomerName place => Detail(place.Words, prompt.Customer!, met[place.Requirement], random),
                AnswerPlace.Polar place => random.Pick(met[place.Requirement] ? place.Good : place.Bad),
                AnswerPlace place => random.Pick(place.Words),
            };
        }

        return words;
    }

    private static string Detail(IReadOnlyList<string> words, string right, bool isRight, SeededRandom random) =>
        isRight ? right : Other(words, right, random);

    /// <summary>One of the words, never the given one.</summary>
    public static string Other(IReadOnlyList<string> words, string except, SeededRandom random) =>
        Redraw.Until(() => random.Pick(words), word => word != except);
}
