using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Training.Preferences;

/// <summary>A pair with its ids.</summary>
internal sealed record EncodedPair(PreferencePair Pair, PairIds Ids)
{
    /// <summary>Encodes pairs, and leaves those out that are too long.</summary>
    /// <param name="path">Their file, for messages.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="encoder">The policy's tokenizer and template.</param>
    /// <param name="longest">Most ids of a text.</param>
    /// <param name="output">Is told how many are left out.</param>
    /// <exception cref="DatasetException">The chat template rejects some conversations; the message names their lines.</exception>
    public static IReadOnlyList<EncodedPair> Of(
        string path, IReadOnlyList<PreferencePair> pairs, PairEncoder encoder, int longest, TextWriter output)
    {
        List<EncodedPair> encoded = [];
        List<string> faults = [];
        foreach (PreferencePair pair in pairs)
        {
            try
            {
                encoded.Add(new EncodedPair(pair, encoder.Encode(pair)));
            }
            catch (ChatTemplateException error)
            {
                faults.Add(PreferenceFile.Fault(
                    path, pair.Line, $"the policy's chat template rejects the conversation ({error.Message.TrimEnd('.')})"));
            }
        }

        PreferenceFile.ThrowIfAny(faults);
        int tooLong = encoded.RemoveAll(pair => pair.Ids.Longest > longest);
        if (tooLong > 0)
        {
            output.WriteLine($"{tooLong} pairs are longer than {longest} tokens and are left out; raise --max-tokens to use them.");
        }

        return encoded;
    }

    /// <summary>At most a given number of pairs, evenly from the first to the last.</summary>
    public static PairIds[] Sample(IReadOnlyList<EncodedPair> pairs, int most)
    {
        int count = Math.Min(most, pairs.Count);
        return [.. Enumerable.Range(0, count).Select(index => pairs[(int)((long)index * pairs.Count / count)].Ids)];
    }
}
