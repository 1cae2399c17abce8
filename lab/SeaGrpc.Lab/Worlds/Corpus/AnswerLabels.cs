using SeaGrpc.Lab.Worlds.KeepYourWord;

namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>Labels answers of "keep your word" by its judge.</summary>
internal static class AnswerLabels
{
    /// <summary>What single words decide; a place whose word or whose early word is of another role decides nothing.</summary>
    public static IReadOnlyList<WordMark> Marks(WorldPrompt prompt, IReadOnlyList<string> words)
    {
        var marks = new List<WordMark>();
        var promised = new string?[AnswerPlan.RequirementCount];
        var isValid = true;
        for (var at = 0; at < Math.Min(words.Count, AnswerPlan.Places.Length); at++)
        {
            AnswerPlace place = AnswerPlan.Places[at];
            isValid &= AnswerErrors.Fits(prompt, place, words[at]);
            marks.Add(new WordMark(at, AnswerPlan.RequirementCount, isValid));
            if (!place.Allows(words[at]))
            {
                continue;
            }

            switch (place)
            {
                case AnswerPlace.Promised early:
                    promised[early.Requirement] = words[at];
                    break;
                case AnswerPlace.Kept late when promised[late.Requirement] is { } word:
                    marks.Add(new WordMark(at, late.Requirement, words[at] == word));
                    break;
                case AnswerPlace.CustomerName customer:
                    marks.Add(new WordMark(at, customer.Requirement, words[at] == prompt.Customer));
                    break;
                case AnswerPlace.Polar polar:
                    marks.Add(new WordMark(at, polar.Requirement, polar.Good.Contains(words[at])));
                    break;
            }
        }

        marks.Add(new WordMark(words.Count, AnswerPlan.RequirementCount, isValid && words.Count == AnswerPlan.Places.Length));
        return marks;
    }
}
