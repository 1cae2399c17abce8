using SeaGrpc.Alignment.Sea.Substitutions;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>Ranks edits of whole sentences: drops one or two, swaps neighbours, inserts one, replaces one by another.</summary>
/// <remarks>
/// Whether a sentence belongs where it stands may show in the reward alone, and a sentence that is dropped always saves log-probability. So
/// no edit is left out for what the policy says of it, and the kinds and places take turns. New sentences are the policy's
/// (<see cref="SentenceDrafts"/>).
/// </remarks>
internal static class SentenceRanking
{
    /// <summary>Maximum number of neighbouring sentences that are dropped at once.</summary>
    private const int MostDropped = 2;

    /// <summary>Estimate of the model tokens that the policy reads for it.</summary>
    public static long Tokens(SearchState state) => (long)SentenceDrafts.TokensOfCut * Sentences.Cuts(state, state.Current.Tokens).Length;

    /// <summary>Edits of a response; none if it has a single sentence and cannot grow.</summary>
    /// <param name="state">The search, at the response.</param>
    /// <param name="reading">The response, as a single row.</param>
    public static IReadOnlyList<SpanEdit> Of(SearchState state, ChainStates reading)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int[] cuts = Sentences.Cuts(state, reading.Rows.Content(0));
        Joins joins = Joins.Of(state, reading, cuts);
        IEnumerable<SpanEdit> kept =
            Enumerable.Range(0, cuts.Length - 1).SelectMany(at => Drops(joins, at).Concat(Swaps(joins, reading, at)));
        IEnumerable<SpanEdit> written = Enumerable.Range(0, cuts.Length)
            .SelectMany(at => SentenceDrafts.At(state, reading, cuts[at], at + 1 < cuts.Length ? cuts[at + 1] - cuts[at] : 0));
        return [.. kept.Concat(written)
            .Select(edit => edit with { LogProbabilityChange = edit.LogProbabilityChange + joins.Odd(edit.Start + edit.Removed) })
            .GroupBy(edit => (edit.Kind, edit.Start))
            .SelectMany(kind => kind.OrderByDescending(edit => edit.LogProbabilityChange).Index())
            .OrderBy(edit => edit.Index)
            .ThenByDescending(edit => edit.Item.LogProbabilityChange)
            .Select(edit => edit.Item)];
    }

    private static IEnumerable<SpanEdit> Drops(Joins joins, int at)
    {
        for (int next = at + 1; next <= Math.Min(at + MostDropped, joins.Cuts.Length - 1); next++)
        {
            if (joins.HasAfter(next) && (joins.Cuts[at] > 0 || joins.Cuts[next] < joins.Cuts[^1]))
            {
                int start = joins.Cuts[at];
                int removed = joins.Cuts[next] - start;
                yield return new SpanEdit(
                    SpanEditKind.Deletion, start, removed, [], joins.Between(at, next) - joins.Sum(start, removed + 1));
            }
        }
    }

    private static IEnumerable<SpanEdit> Swaps(Joins joins, ChainStates reading, int at)
    {
        if (at + 2 < joins.Cuts.Length)
        {
            int[] content = reading.Rows.Content(0);
            (int start, int middle, int end) = (joins.Cuts[at], joins.Cuts[at + 1], joins.Cuts[at + 2]);
            yield return new SpanEdit(
                SpanEditKind.Swap,
                start,
                end - start,
                [.. content[middle..end], .. content[start..middle]],
                joins.Between(at, at + 1) - joins.Sum(middle, 1) - joins.Sum(start, 1) - joins.Sum(end, 1)
                    + joins.Odd(start) - joins.Odd(end));
        }
    }

    /// <summary>log pi_ref of every sentence's first token after the text before every other, in nats.</summary>
    /// <param name="Cuts">Where sentences begin, and the end.</param>
    /// <param name="Own">log pi_ref of the response's own tokens, including EOS if there is one.</param>
    /// <param name="Values">The values: [cuts, cuts].</param>
    private sealed record Joins(int[] Cuts, float[] Own, float[] Values)
    {
        public static Joins Of(SearchState state, ChainStates reading, int[] cuts)
        {
            int targets = reading.Rows.TargetLengths[0];
            long[] places = [.. cuts.Select(cut => (long)Math.Min(cut, targets - 1))];
            Tensor at = tensor(places, device: reading.Hidden.device);
            Tensor next = nn.functional.log_softmax(state.Context.Prompt.Loaded.Logits(reading.Hidden[0].index_select(0, at)), -1);
            Tensor ids = tensor(places.Select(place => reading.Rows.Tokens[place]).ToArray(), device: next.device);
            return new Joins(cuts, reading.LogProbabilities[..targets], next.index_select(1, ids).cpu().data<float>().ToArray());
        }

        /// <summary>Whether anything follows a cut: a sentence or EOS.</summary>
        public bool HasAfter(int cut) => Cuts[cut] < Own.Length;

        public double Between(int before, int after) => Values[(before * Cuts.Length) + after];

        public double Sum(int place, int count) => Own.Skip(place).Take(count).Sum(own => (double)own);

        /// <summary>What the tokens from a position on lie below what is odd: at most this may an edit before them gain there.</summary>
        public double Odd(int place) => Own.Skip(place).Sum(own => Math.Max(0, Fluency.Odd - own));
    }
}
