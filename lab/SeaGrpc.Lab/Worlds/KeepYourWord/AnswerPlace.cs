using System.Collections.Frozen;

namespace SeaGrpc.Lab.Worlds.KeepYourWord;

/// <summary>One word's place in an answer: which words the grammar allows there.</summary>
internal abstract record AnswerPlace(IReadOnlyList<string> Words)
{
    private readonly FrozenSet<string> _allowed = Words.ToFrozenSet();

    /// <summary>Whether the grammar allows a word here.</summary>
    public bool Allows(string word) => _allowed.Contains(word);

    /// <summary>A word without weight: one of several.</summary>
    public sealed record Neutral(IReadOnlyList<string> Words) : AnswerPlace(Words);

    /// <summary>The prompt's problem.</summary>
    public sealed record ProblemName() : AnswerPlace(Lexicon.Problems);

    /// <summary>The prompt's object.</summary>
    public sealed record ObjectName() : AnswerPlace(Lexicon.Objects);

    /// <summary>A detail that is promised: any is fine.</summary>
    /// <param name="Requirement">The requirement that the later place of the same detail decides.</param>
    /// <param name="Words">What can be promised.</param>
    public sealed record Promised(int Requirement, IReadOnlyList<string> Words) : AnswerPlace(Words);

    /// <summary>The promised detail once more: the requirement is met where it is the same.</summary>
    /// <param name="Requirement">The requirement.</param>
    /// <param name="Words">What can be promised.</param>
    public sealed record Kept(int Requirement, IReadOnlyList<string> Words) : AnswerPlace(Words);

    /// <summary>A customer's name: the requirement is met where it is the prompt's.</summary>
    /// <param name="Requirement">The requirement.</param>
    public sealed record CustomerName(int Requirement) : AnswerPlace(WordLexicon.Customers);

    /// <summary>A word that is good or bad: the requirement is met where it is good.</summary>
    /// <param name="Requirement">The requirement.</param>
    /// <param name="Good">Good words.</param>
    /// <param name="Bad">Bad words, as many.</param>
    public sealed record Polar(int Requirement, IReadOnlyList<string> Good, IReadOnlyList<string> Bad) : AnswerPlace([.. Good, .. Bad]);
}
