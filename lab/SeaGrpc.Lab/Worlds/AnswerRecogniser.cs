namespace SeaGrpc.Lab.Worlds;

/// <summary>Recognises exactly the answers that the grammar generates.</summary>
internal static class AnswerRecogniser
{
    /// <summary>What a grammatical answer says.</summary>
    public sealed record Parse(string Problem, string Object, bool[] GoodSlots);

    /// <summary>The parse of an answer, or null if the grammar generates no such answer.</summary>
    public static Parse? Recognise(IReadOnlyList<string> words)
    {
        var state = new Parse(string.Empty, string.Empty, new bool[AnswerGrammar.SlotCount]);
        return Match(words, 0, 0, state);
    }

    // Backtracks over the wordings of each part; at most a few wordings share their first words, so this stays linear in practice.
    private static Parse? Match(IReadOnlyList<string> words, int at, int part, Parse state)
    {
        if (part == AnswerGrammar.Parts.Length)
        {
            return at == words.Count ? state : null;
        }

        switch (AnswerGrammar.Parts[part])
        {
            case GrammarPart.Neutral neutral:
                foreach (var wording in neutral.Wordings)
                {
                    if (StartsWith(words, at, wording) && Match(words, at + wording.Length, part + 1, state) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            case GrammarPart.Slot slot when StartsWith(words, at, slot.Good):
                state.GoodSlots[slot.Index] = true;
                return Match(words, at + slot.Good.Length, part + 1, state);
            case GrammarPart.Slot slot when StartsWith(words, at, slot.Bad):
                state.GoodSlots[slot.Index] = false;
                return Match(words, at + slot.Bad.Length, part + 1, state);
            case GrammarPart.ProblemName when at < words.Count && Lexicon.Problems.Contains(words[at]):
                return Match(words, at + 1, part + 1, state with { Problem = words[at] });
            case GrammarPart.ObjectName when at < words.Count && Lexicon.Objects.Contains(words[at])
                && (state.Object.Length == 0 || state.Object == words[at]):
                return Match(words, at + 1, part + 1, state with { Object = words[at] });
            default:
                return null;
        }
    }

    /// <summary>Whether the words from a place on begin with a sequence.</summary>
    public static bool StartsWith(IReadOnlyList<string> words, int at, IReadOnlyList<string> sequence)
    {
        if (at + sequence.Count > words.Count)
        {
            return false;
        }

        for (var i = 0; i < sequence.Count; i++)
        {
            if (words[at + i] != sequence[i])
            {
                return false;
            }
        }

        return true;
    }
}
