namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>An answer of "keep your word" with everything exact that can be said of it, for training a reward model.</summary>
/// <param name="System">A system turn's text, or null for none.</param>
/// <param name="Prompt">What the user writes, as people type it.</param>
/// <param name="About">The prompt without its typing.</param>
/// <param name="Words">The answer's words; each is one token.</param>
/// <param name="Met">Which requirements it meets, by index.</param>
/// <param name="Errors">Least number of words to change, add or drop for a grammatical answer on the topic.</param>
/// <param name="Marks">What single words decide.</param>
public sealed record LabelledAnswer(
    string? System,
    string Prompt,
    WorldPrompt About,
    IReadOnlyList<string> Words,
    IReadOnlyList<bool> Met,
    int Errors,
    IReadOnlyList<WordMark> Marks)
{
    private const int ErrorCost = 4;
    private const int MaxErrors = 5;

    /// <summary>The answer's text.</summary>
    public string Text => WordText.Join(Words);

    /// <summary>What errors cost: 4 for the first and 1 for each further one, up to five.</summary>
    public double Penalty => Errors == 0 ? 0 : ErrorCost + Math.Min(Errors, MaxErrors) - 1;

    /// <summary>Requirements met, less the penalty.</summary>
    public double Quality => Met.Count(isMet => isMet) - Penalty;
}

/// <summary>What one word of an answer decides.</summary>
/// <param name="Word">The word's index; the number of words stands for the answer's end.</param>
/// <param name="Subject">A requirement's index, or their number for "no error so far".</param>
/// <param name="Holds">Whether it holds.</param>
public sealed record WordMark(int Word, int Subject, bool Holds);
