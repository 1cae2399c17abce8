using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>What stands between two cuts of a response, replaced; the tail stays.</summary>
/// <param name="Kind">What kind of edit it is: those of one kind at one place take turns.</param>
/// <param name="Start">The first cut, from 0.</param>
/// <param name="Removed">Tokens between the cuts.</param>
/// <param name="Inserted">What stands there instead; may be empty.</param>
/// <param name="LogProbabilityChange">
/// Its effect on log pi_ref, in nats: exact up to the first token of the tail if the policy has read that far, otherwise an upper bound.
/// </param>
internal sealed record SpanEdit(SpanEditKind Kind, int Start, int Removed, int[] Inserted, double LogProbabilityChange)
{
    /// <summary>The edit as a change of the only chain.</summary>
    /// <param name="maxTokens">Most tokens of a response; a shorter one has ended.</param>
    /// <param name="eos">What ends it.</param>
    public IChange Change(int maxTokens, int eos) => new Applying(this, maxTokens, eos);

    private sealed record Applying(SpanEdit Edit, int MaxTokens, int Eos) : IChange
    {
        public int Chain => 0;

        public int Start => Edit.Start;

        public double LogProbabilityChange => Edit.LogProbabilityChange;

        public long[] Applied(HardResponses rows)
        {
            int[] content = rows.Content(0);
            long[] edited =
            [
                .. content.Take(Edit.Start).Concat(Edit.Inserted).Concat(content.Skip(Edit.Start + Edit.Removed)).Select(id => (long)id),
            ];
            return edited.Length < MaxTokens ? [.. edited, Eos] : edited;
        }
    }
}

/// <summary>Kinds of edits.</summary>
internal enum SpanEditKind
{
    Deletion,
    Swap,
    Insertion,
    Replacement,
}
