using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>Replaces the tokens between two cuts of a response and keeps the rest.</summary>
/// <param name="Kind">The kind of edit. At each position, the edits of one kind take turns.</param>
/// <param name="Start">The first cut, from 0.</param>
/// <param name="Removed">Number of tokens between the cuts.</param>
/// <param name="Inserted">The tokens that replace them; may be empty.</param>
/// <param name="LogProbabilityChange">
/// Change in log pi_ref, in nats. It is exact up to the first token after the edit if the policy has read that far, otherwise an upper
/// bound.
/// </param>
internal sealed record SpanEdit(SpanEditKind Kind, int Start, int Removed, int[] Inserted, double LogProbabilityChange)
{
    /// <summary>log pi_ref of the tokens that an edit removes and of the first token after them, in nats.</summary>
    /// <param name="reading">The response, as a single row.</param>
    /// <param name="place">The first cut, from 0.</param>
    /// <param name="removed">Number of tokens that are removed.</param>
    public static double Present(ChainStates reading, int place, int removed) =>
        reading.LogProbabilities.Skip(place).Take(removed + 1).Sum(own => (double)own);

    /// <summary>The edit as a change of the only chain.</summary>
    /// <param name="maxTokens">Maximum tokens of a response. A shorter response has ended.</param>
    /// <param name="eos">The token that ends a response.</param>
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
