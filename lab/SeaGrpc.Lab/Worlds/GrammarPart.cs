namespace SeaGrpc.Lab.Worlds;

/// <summary>One part of an answer: what may stand at its place.</summary>
internal abstract record GrammarPart
{
    private GrammarPart()
    {
    }

    /// <summary>A wording without polarity: one of several word sequences.</summary>
    public sealed record Neutral(string[][] Wordings) : GrammarPart;

    /// <summary>A slot: its good or its bad words, equally many.</summary>
    public sealed record Slot(int Index, string[] Good, string[] Bad) : GrammarPart;

    /// <summary>The prompt's problem.</summary>
    public sealed record ProblemName : GrammarPart;

    /// <summary>The prompt's object.</summary>
    public sealed record ObjectName : GrammarPart;
}
