using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>
/// Short texts that may be put at a place of a response: the policy's likeliest next tokens there, each led on by its likeliest next ones,
/// and how likely the response's own tokens are after them.
/// </summary>
internal static class Bridges
{
    /// <summary>Next tokens that begin one.</summary>
    private const int Beginnings = 8;

    /// <summary>Most tokens of one.</summary>
    private const int MostTokens = 3;

    /// <summary>Insertions and replacements at a place.</summary>
    /// <param name="state">The search.</param>
    /// <param name="reading">Its current response, as the only row.</param>
    /// <param name="place">The place, from 0.</param>
    /// <param name="mostRemoved">Most tokens that are replaced.</param>
    public static IReadOnlyList<SpanEdit> At(SearchState state, ChainStates reading, int place, int mostRemoved)
    {
        RunContext context = state.Context;
        TransformerDecoder decoder = context.Models.Policy.Decoder;
        int length = reading.Rows.ContentLengths[0];
        // A response that is as long as it may be gains none.
        int most = Math.Min(MostTokens, context.Task.MaxResponseTokens - length + Math.Min(mostRemoved, length - place));
        long[] tail = [.. reading.Rows.Tokens.Skip(place).Take(Math.Min(mostRemoved + 1, reading.Rows.TargetLengths[0] - place))];
        Tensor legal = context.Models.LegalTokens.FilledAt(
            0, tensor([(long)context.Models.Prompts.EosId], device: decoder.Device), float.NegativeInfinity);
        Tensor next = nn.functional.log_softmax(context.Prompt.Policy.Logits(reading.Hidden[0].narrow(0, place, 1)), -1);
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
            Tensor states = decoder.Forward(decoder.Embed(tensor(last, device: decoder.Device).view(rows, 1)), cache).squeeze(1);
            next = nn.functional.log_softmax(context.Prompt.Policy.Logits(states), -1);
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
                            sums[row] + joins[(row * tail.Length) + removed] - Present(reading, place, removed)));
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

    // What is replaced and the first token after it.
    private static double Present(ChainStates reading, int place, int removed) =>
        reading.LogProbabilities.Skip(place).Take(removed + 1).Sum(own => (double)own);
}
