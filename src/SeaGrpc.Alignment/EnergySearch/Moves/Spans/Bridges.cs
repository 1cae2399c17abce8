using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>
/// Short texts that could be placed at a position of a response: the policy's most likely next tokens there, each followed by its most
/// likely continuations, and the probability of the response's own tokens after them.
/// </summary>
internal static class Bridges
{
    /// <summary>Number of next tokens that begin a bridge.</summary>
    private const int Beginnings = 8;

    /// <summary>Maximum tokens of a bridge.</summary>
    private const int MostTokens = 3;

    /// <summary>Insertions and replacements at one position.</summary>
    /// <param name="state">The search.</param>
    /// <param name="reading">Its current response, as a single row.</param>
    /// <param name="place">The position, from 0.</param>
    /// <param name="mostRemoved">Maximum number of tokens that are replaced.</param>
    public static IReadOnlyList<SpanEdit> At(SearchState state, ChainStates reading, int place, int mostRemoved)
    {
        RunContext context = state.Context;
        TransformerDecoder decoder = context.Models.Policy.Decoder;
        int length = reading.Rows.ContentLengths[0];
        // A response at its maximum length cannot grow.
        int most = Math.Min(MostTokens, context.Task.MaxResponseTokens - length + Math.Min(mostRemoved, length - place));
        long[] tail = [.. reading.Rows.Tokens.Skip(place).Take(Math.Min(mostRemoved + 1, reading.Rows.TargetLengths[0] - place))];
        Tensor legal = context.Models.LegalTokens.FilledAt(
            0, tensor([(long)context.Models.Prompts.EosId], device: decoder.Device), float.NegativeInfinity);
        Tensor next = nn.functional.log_softmax(context.Prompt.Loaded.Logits(reading.Hidden[0].narrow(0, place, 1)), -1);
        int rows = (int)Math.Min(Beginnings, next.shape[1]);
        (Tensor values, Tensor ids) = next.Plus(legal).topk(rows, -1);
        double[] sums = [.. values.cpu().data<float>().ToArray().Select(value => (double)value)];
        int[][] texts = [.. ids.cpu().data<long>().ToArray().Select(id => new[] { (int)id })];
        using KeyValueCache cache = reading.PolicyPrefix(new int[rows], place, Math.Max(1, most));
        List<SpanEdit> edits = [];
        for (int count = 1; count <= most; count++)
        {
            context.Cost.PolicyForward(rows);
            long[] last = [.. texts.Select(text => (long)text[^1])];
            Tensor states = decoder.Read([new IdPass(tensor(last, device: decoder.Device).view(rows, 1), cache, 1)])[0].squeeze(1);
            next = nn.functional.log_softmax(context.Prompt.Loaded.Logits(states), -1);
            float[] joins = next.index_select(1, tensor(tail, device: decoder.Device)).cpu().data<float>().ToArray();
            for (int row = 0; row < rows; row++)
            {
                for (int removed = 0; removed < tail.Length; removed++)
                {
                    if (double.IsFinite(sums[row]) && length + count - removed <= context.Task.MaxResponseTokens)
                    {
                        edits.Add(new SpanEdit(
                            removed == 0 ? SpanEditKind.Insertion : SpanEditKind.Replacement,
                            place,
                            removed,
                            texts[row],
                            sums[row] + joins[(row * tail.Length) + removed] - SpanEdit.Present(reading, place, removed)));
                    }
                }
            }

            (values, ids) = next.Plus(legal).max(-1);
            float[] more = values.cpu().data<float>().ToArray();
            long[] following = ids.cpu().data<long>().ToArray();
            sums = [.. sums.Zip(more, (sum, value) => sum + value)];
            texts = [.. texts.Zip(following, (text, id) => (int[])[.. text, (int)id])];
        }

        return edits;
    }
}
