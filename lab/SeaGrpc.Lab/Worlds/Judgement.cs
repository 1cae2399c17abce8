namespace SeaGrpc.Lab.Worlds;

/// <summary>What the judge found in one answer.</summary>
/// <param name="GoodSlots">Slots with their good words, 0 to <see cref="SupportDesk.SlotCount"/>.</param>
/// <param name="Grammatical">Whether the grammar generates the answer.</param>
/// <param name="OnTopic">Whether the answer names the prompt's problem and object, and no other.</param>
public sealed record Judgement(int GoodSlots, bool Grammatical, bool OnTopic)
{
    /// <summary>Whether every slot is good in a grammatical answer on the topic: what alignment aims at.</summary>
    public bool AllGood => GoodSlots == SupportDesk.SlotCount && Grammatical && OnTopic;
}
