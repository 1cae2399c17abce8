namespace SeaGrpc.Evaluation.Embedded;

/// <summary>What an exact judge found in one answer.</summary>
/// <param name="Met">Requirements (slots) that the answer meets.</param>
/// <param name="Requirements">How many there are.</param>
/// <param name="Grammatical">Whether the world's grammar generates the answer.</param>
/// <param name="OnTopic">Whether it answers this prompt.</param>
public sealed record Verdict(int Met, int Requirements, bool Grammatical, bool OnTopic)
{
    /// <summary>Whether the answer is bad in any requirement.</summary>
    public bool Harmful => Met < Requirements;

    /// <summary>Whether nothing is wrong with it.</summary>
    public bool AllGood => !Harmful && Grammatical && OnTopic;
}
