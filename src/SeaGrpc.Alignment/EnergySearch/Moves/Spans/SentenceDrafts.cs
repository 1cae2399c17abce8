using SeaGrpc.Alignment.Sea.Substitutions;
using SeaGrpc.Modeling;
using SeaGrpc.Modeling.Tokenization;
using SeaGrpc.Modeling.Transformer;
using static TorchSharp.torch;

namespace SeaGrpc.Alignment.EnergySearch.Moves.Spans;

/// <summary>
/// Sentences that could be placed at a cut of a response: each of the policy's most likely next tokens there, continued by its most likely
/// tokens to the end of the sentence.
/// </summary>
internal static class SentenceDrafts
{
    /// <summary>Number of next tokens that begin a sentence.</summary>
    private const int Beginnings = 6;

    /// <summary>Maximum tokens of a sentence.</summary>
    private const int MostTokens = 24;

    /// <summary>Estimate of the model tokens that are read at a cut. Most sentences are shorter than the longest.</summary>
    public const int TokensOfCut = Beginnings * MostTokens / 2;

    /// <summary>Insertions at a cut, and replacements of the sentence that begins there.</summary>
    /// <param name="state">The search.</param>
    /// <param name="reading">Its current response, as a single row.</param>
    /// <param name="place">The cut, from 0.</param>
    /// <param name="own">Number of tokens of the sentence that begins there; 0 at the end.</param>
    public static IReadOnlyList<SpanEdit> At(SearchState state, ChainStates reading, int place, int own)
    {
        RunContext context = state.Context;
        Tokenizer tokenizer = context.Models.Policy.Tokenizer;
        TransformerDecoder decoder = context.Models.Policy.Decoder;
        (int length, int targets) = (reading.Rows.ContentLengths[0], reading.Rows.TargetLengths[0]);
        int most = Math.Min(MostTokens, context.Task.MaxResponseTokens - length + own);
        if (place == targets || most < 1)
        {
            return [];
        }

        // What follows: the sentence that begins here, or the one after it.
        int[] removals = own > 0 && place + own < targets ? [0, own] : [0];
        Tensor tails = tensor(removals.Select(removed => reading.Rows.Tokens[place + removed]).ToArray(), device: decoder.Device);
        Tensor legal = context.Models.LegalTokens.FilledAt(
            0, tensor([(long)context.Models.Prompts.EosId], device: decoder.Device), float.NegativeInfinity);
        Tensor next = nn.functional.log_softmax(context.Prompt.Loaded.Logits(reading.Hidden[0].narrow(0, place, 1)), -1);
        (Tensor values, Tensor ids) = next.Plus(legal).topk((int)Math.Min(Beginnings, next.shape[1]), -1);
        List<(int[] Text, double Sum)> texts =
        [
            .. ids.cpu().data<long>().ToArray().Zip(values.cpu().data<float>().ToArray())
                .Where(first => first.Second > Fluency.Foreign)
                .Select(first => (new[] { (int)first.First }, (double)first.Second)),
        ];
        if (texts.Count == 0)
        {
            return [];
        }

        List<SpanEdit> edits = [];
        KeyValueCache cache = reading.PolicyPrefix(new int[texts.Count], place, most);
        try
        {
            for (int count = 1; count <= most && texts.Count > 0; count++)
            {
                context.Cost.PolicyForward(texts.Count);
                Tensor last = tensor(texts.Select(text => (long)text.Text[^1]).ToArray(), device: decoder.Device).view(texts.Count, 1);
                Tensor states = decoder.Read([new IdPass(last, cache, 1)])[0].squeeze(1);
                next = nn.functional.log_softmax(context.Prompt.Loaded.Logits(states), -1);
                float[] joins = next.index_select(1, tails).cpu().data<float>().ToArray();
                bool[] isWhole = [.. texts.Select(text => Sentences.End(tokenizer, text.Text[^1]))];
                edits.AddRange(
                    from row in Enumerable.Range(0, texts.Count)
                    where isWhole[row]
                    from removed in removals.Index()
                    where length + count - removed.Item <= context.Task.MaxResponseTokens
                    select new SpanEdit(
                        removed.Item == 0 ? SpanEditKind.Insertion : SpanEditKind.Replacement,
                        place,
                        removed.Item,
                        texts[row].Text,
                        texts[row].Sum + joins[(row * removals.Length) + removed.Index] - SpanEdit.Present(reading, place, removed.Item)));
                (values, ids) = next.Plus(legal).max(-1);
                (float[] more, long[] following) = (values.cpu().data<float>().ToArray(), ids.cpu().data<long>().ToArray());
                int[] going = [.. Enumerable.Range(0, texts.Count).Where(row => !isWhole[row] && float.IsFinite(more[row]))];
                if (going.Length > 0 && going.Length < texts.Count)
                {
                    using KeyValueCache all = cache;
                    cache = KeyValueCache.Gather(decoder, [.. going.Select(row => (all, row))], all.Length + most - count, all.Length);
                }

                texts = [.. going.Select(row => ((int[])[.. texts[row].Text, (int)following[row]], texts[row].Sum + more[row]))];
            }
        }
        finally
        {
            cache.Dispose();
        }

        return edits;
    }
}
