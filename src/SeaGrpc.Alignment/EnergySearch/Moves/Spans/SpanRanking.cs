using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>Ranks edits of spans by the policy's distributions along the response, which have been computed already.</summary>
/// <remarks>
/// A deletion leaves at least one token. Its effect is known up to the first token after it. For a swap, the effect of its first token is
/// known, and the tokens after it are assumed to be certain. At the least likely tokens, the policy's most likely continuations are read
/// for a few tokens (<see cref="Bridges"/>), so the effect of insertions and replacements is also known up to the first token after them.
/// </remarks>
internal static class SpanRanking
{
    /// <summary>Maximum number of tokens removed or swapped at once.</summary>
    private const int MostRemoved = 3;

    /// <summary>Maximum number of tokens in either part of a swap.</summary>
    private const int MostSwapped = 2;

    /// <summary>Number of positions at which insertions are considered: those with the least likely tokens.</summary>
    private const int BridgedPlaces = 3;

    /// <summary>Minimum promise of an edit, in nats. Below it, the policy sees nothing to repair.</summary>
    private const double LeastPromise = 2;

    /// <summary>Maximum model tokens that the policy reads for it.</summary>
    public static long Tokens(SearchState state) => BridgedPlaces * Bridges.TokensOfPlace;

    /// <summary>Edits of a response. The most promising edits of every kind and position come first.</summary>
    /// <param name="state">The search, at the response.</param>
    /// <param name="reading">The response, as a single row.</param>
    public static IReadOnlyList<SpanEdit> Of(SearchState state, ChainStates reading)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Figures figures = Figures.Of(state, reading);
        IEnumerable<SpanEdit> local = Enumerable.Range(state.Pinned, Math.Max(0, figures.Length - state.Pinned))
            .SelectMany(place => Deletions(figures, place).Concat(Swaps(figures, reading, place)));
        int[] places = Enumerable.Range(state.Pinned, figures.Targets - state.Pinned)
            .Where(place => -figures.Own[place] > LeastPromise)
            .OrderBy(place => figures.Own[place])
            .Take(BridgedPlaces)
            .ToArray();
        IEnumerable<SpanEdit> bridged = Bridges.At(state, reading, places, MostRemoved);
        return [.. local.Concat(bridged)
            .Where(edit => edit.LogProbabilityChange > LeastPromise)
            .GroupBy(edit => (edit.Kind, edit.Start))
            .SelectMany(kind => kind.OrderByDescending(edit => edit.LogProbabilityChange).Index())
            .OrderBy(edit => edit.Index)
            .ThenByDescending(edit => edit.Item.LogProbabilityChange)
            .Select(edit => edit.Item)];
    }

    private static IEnumerable<SpanEdit> Deletions(Figures figures, int place)
    {
        for (int removed = 1; removed <= Math.Min(MostRemoved, figures.Length - 1) && place + removed < figures.Targets; removed++)
        {
            yield return new SpanEdit(
                SpanEditKind.Deletion, place, removed, [], figures.Ahead(place, removed) - figures.Sum(place, removed + 1));
        }
    }

    private static IEnumerable<SpanEdit> Swaps(Figures figures, ChainStates reading, int place)
    {
        int[] content = reading.Rows.Content(0);
        for (int first = 1; first <= MostSwapped; first++)
        {
            for (int second = 1; second <= MostSwapped && place + first + second <= figures.Length; second++)
            {
                double known = figures.Ahead(place, first) - figures.Own[place + first];
                double hoped = -figures.Own[place] - figures.Sum(place + first + second, 1);
                yield return new SpanEdit(
                    SpanEditKind.Swap,
                    place,
                    first + second,
                    [.. content[(place + first)..(place + first + second)], .. content[place..(place + first)]],
                    known + hoped);
            }
        }
    }

    /// <summary>log pi_ref along a response, in nats.</summary>
    /// <param name="Length">Number of tokens.</param>
    /// <param name="Targets">Number of tokens, including EOS if there is one.</param>
    /// <param name="Own">Values of its own tokens.</param>
    /// <param name="Later">
    /// At every position, the values of the tokens up to <see cref="MostRemoved"/> positions later: [targets, 1 + most].
    /// </param>
    private sealed record Figures(int Length, int Targets, float[] Own, float[] Later)
    {
        public static Figures Of(SearchState state, ChainStates reading)
        {
            HardResponses rows = reading.Rows;
            int targets = rows.TargetLengths[0];
            List<float> later = [];
            foreach ((long start, long count) in PositionChunks.Of(targets, state.Context.Models.Policy.Decoder.Config.VocabularySize))
            {
                using var chunk = NewDisposeScope();
                Tensor logits = state.Context.Prompt.Loaded.Logits(reading.Hidden[0].narrow(0, start, count));
                long[] ids =
                    [.. Enumerable.Range((int)start, (int)count).SelectMany(place => Enumerable.Range(0, MostRemoved + 1)
                        .Select(ahead => rows.Tokens[Math.Min(place + ahead, targets - 1)]))];
                later.AddRange(nn.functional.log_softmax(logits, -1).gather(1, tensor(ids, device: logits.device).view(count, -1))
                    .cpu().data<float>());
            }

            return new Figures(rows.ContentLengths[0], targets, reading.LogProbabilities, [.. later]);
        }

        public double Ahead(int place, int ahead) => Later[(place * (MostRemoved + 1)) + ahead];

        public double Sum(int place, int count) =>
            Own.Skip(place).Take(Math.Min(count, Math.Max(0, Targets - place))).Sum(own => (double)own);
    }
}
