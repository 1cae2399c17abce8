using SeaGrpc.Alignment.Scoring;
using SeaGrpc.Alignment.Sea.Substitutions;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>
/// Which edits of spans to try first, by what the policy says of where they begin: its distributions along the response are there already.
/// </summary>
/// <remarks>
/// A deletion leaves at least one token, and is known up to the first token of the tail. Of a swap the first token is known, and what may
/// follow it is taken for certain. Where the policy is surprised, its likeliest continuations are read a few tokens on
/// (<see cref="Bridges"/>): so insertions and replacements are known up to the tail's first token too.
/// </remarks>
internal static class SpanRanking
{
    /// <summary>Most tokens that are removed or swapped at once.</summary>
    private const int MostRemoved = 3;

    /// <summary>Most tokens of either part of a swap.</summary>
    private const int MostSwapped = 2;

    /// <summary>Places at which insertions are looked for: those of the least likely tokens.</summary>
    private const int BridgedPlaces = 3;

    /// <summary>What an edit must promise, in nats: below, the policy sees nothing to repair.</summary>
    private const double LeastPromise = 2;

    /// <summary>Edits of a response, the most promising of every kind and place first.</summary>
    /// <param name="state">The search, at the response.</param>
    /// <param name="reading">The response, as the only row.</param>
    public static IReadOnlyList<SpanEdit> Of(SearchState state, ChainStates reading)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Figures figures = Figures.Of(state, reading);
        IEnumerable<SpanEdit> local = Enumerable.Range(state.Pinned, Math.Max(0, figures.Length - state.Pinned))
            .SelectMany(place => Deletions(figures, place).Concat(Swaps(figures, reading, place)));
        IEnumerable<SpanEdit> bridged = Enumerable.Range(state.Pinned, figures.Targets - state.Pinned)
            .Where(place => -figures.Own[place] > LeastPromise)
            .OrderBy(place => figures.Own[place])
            .Take(BridgedPlaces)
            .SelectMany(place => Bridges.At(state, reading, place, MostRemoved));
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
    /// <param name="Length">Its tokens.</param>
    /// <param name="Targets">The same with its EOS, where it has one.</param>
    /// <param name="Own">Of its own tokens.</param>
    /// <param name="Later">At every place, of the tokens up to <see cref="MostRemoved"/> places on: [targets, 1 + most].</param>
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
                Tensor logits = state.Context.Prompt.Policy.Logits(reading.Hidden[0].narrow(0, start, count));
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
