using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>
/// Short texts that could be placed at some positions of a response: the policy's most likely next tokens there, each followed by its most
/// likely continuations, and the probability of the response's own tokens after them. All positions are read together.
/// </summary>
internal static class Bridges
{
    /// <summary>Number of next tokens that begin a bridge.</summary>
    private const int Beginnings = 8;

    /// <summary>Maximum tokens of a bridge.</summary>
    private const int MostTokens = 3;

    /// <summary>Maximum model tokens that are read at a position.</summary>
    public const int TokensOfPlace = Beginnings * MostTokens;

    /// <summary>Insertions and replacements.</summary>
    /// <param name="state">The search.</param>
    /// <param name="reading">Its current response, as a single row.</param>
    /// <param name="places">The positions, from 0.</param>
    /// <param name="mostRemoved">Maximum number of tokens that are replaced.</param>
    public static IReadOnlyList<SpanEdit> At(SearchState state, ChainStates reading, IReadOnlyList<int> places, int mostRemoved)
    {
        RunContext context = state.Context;
        TransformerDecoder decoder = context.Models.Policy.Decoder;
        Tensor legal = context.Models.LegalTokens.FilledAt(
            0, tensor([(long)context.Models.Prompts.EosId], device: decoder.Device), float.NegativeInfinity);
        List<Place> going = [];
        List<SpanEdit> edits = [];
        try
        {
            foreach (int place in places)
            {
                // A response at its maximum length cannot grow.
                int most = Math.Min(
                    MostTokens,
                    context.Task.MaxResponseTokens - reading.Rows.ContentLengths[0]
                        + Math.Min(mostRemoved, reading.Rows.ContentLengths[0] - place));
                if (most > 0)
                {
                    going.Add(new Place(reading, place, most, mostRemoved));
                }
            }

            if (going.Count == 0)
            {
                return [];
            }

            Tensor at = tensor(going.Select(place => (long)place.At).ToArray(), device: decoder.Device);
            Tensor next = nn.functional.log_softmax(context.Prompt.Loaded.Logits(reading.Hidden[0].index_select(0, at)), -1);
            Begin(going, next.Plus(legal));
            for (int count = 1; going.Count > 0; count++)
            {
                context.Cost.PolicyForward(going.Sum(place => place.Texts.Length));
                Tensor[] states = decoder.Read([.. going.Select(place => place.Last(decoder))]);
                next = nn.functional.log_softmax(
                    context.Prompt.Loaded.Logits(cat([.. states.Select(own => own.squeeze(1))])), -1);
                (Tensor values, Tensor ids) = next.Plus(legal).max(-1);
                float[] more = values.cpu().data<float>().ToArray();
                long[] following = ids.cpu().data<long>().ToArray();
                int row = 0;
                foreach (Place place in going)
                {
                    edits.AddRange(place.Edits(reading, next.narrow(0, row, place.Texts.Length), context.Task.MaxResponseTokens));
                    place.Continue(more.AsSpan(row, place.Texts.Length), following.AsSpan(row, place.Texts.Length));
                    row += place.Texts.Length;
                }

                foreach (Place place in going.Where(place => place.Most == count))
                {
                    place.Dispose();
                }

                going.RemoveAll(place => place.Most == count);
            }
        }
        finally
        {
            going.ForEach(place => place.Dispose());
        }

        return edits;
    }

    private static void Begin(List<Place> places, Tensor next)
    {
        (Tensor values, Tensor ids) = next.topk((int)Math.Min(Beginnings, next.shape[1]), -1);
        float[] sums = values.cpu().data<float>().ToArray();
        long[] first = ids.cpu().data<long>().ToArray();
        int rows = first.Length / places.Count;
        foreach ((int index, Place place) in places.Index())
        {
            place.Begin(sums.AsSpan(index * rows, rows), first.AsSpan(index * rows, rows));
        }
    }

    /// <summary>The bridges at one position. Owns the cache that they are read in.</summary>
    private sealed class Place(ChainStates reading, int at, int most, int mostRemoved) : IDisposable
    {
        // The response's own tokens that may follow.
        private readonly long[] _tail =
            [.. reading.Rows.Tokens.Skip(at).Take(Math.Min(mostRemoved + 1, reading.Rows.TargetLengths[0] - at))];

        private KeyValueCache? _cache;
        private double[] _sums = [];

        public int At => at;

        /// <summary>Maximum tokens of a bridge.</summary>
        public int Most => most;

        public int[][] Texts { get; private set; } = [];

        public void Begin(ReadOnlySpan<float> logProbabilities, ReadOnlySpan<long> ids)
        {
            _sums = [.. logProbabilities.ToArray().Select(own => (double)own)];
            Texts = [.. ids.ToArray().Select(id => new[] { (int)id })];
            _cache = reading.PolicyPrefix(new int[Texts.Length], at, most);
        }

        public IdPass Last(TransformerDecoder decoder) =>
            new(tensor(Texts.Select(text => (long)text[^1]).ToArray(), device: decoder.Device).view(Texts.Length, 1), _cache!, 1);

        public IEnumerable<SpanEdit> Edits(ChainStates reading, Tensor next, int maxTokens)
        {
            int length = reading.Rows.ContentLengths[0];
            float[] joins = next.index_select(1, tensor(_tail, device: next.device)).cpu().data<float>().ToArray();
            for (int row = 0; row < Texts.Length; row++)
            {
                for (int removed = 0; removed < _tail.Length; removed++)
                {
                    if (double.IsFinite(_sums[row]) && length + Texts[row].Length - removed <= maxTokens)
                    {
                        yield return new SpanEdit(
                            removed == 0 ? SpanEditKind.Insertion : SpanEditKind.Replacement,
                            at,
                            removed,
                            Texts[row],
                            _sums[row] + joins[(row * _tail.Length) + removed] - SpanEdit.Present(reading, at, removed));
                    }
                }
            }
        }

        public void Continue(ReadOnlySpan<float> more, ReadOnlySpan<long> following)
        {
            for (int row = 0; row < Texts.Length; row++)
            {
                _sums[row] += more[row];
                Texts[row] = [.. Texts[row], (int)following[row]];
            }
        }

        public void Dispose() => _cache?.Dispose();
    }
}
