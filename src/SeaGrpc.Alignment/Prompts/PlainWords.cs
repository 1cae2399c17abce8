using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Alignment.Prompts;

/// <summary>Answers to measure with.</summary>
internal static class PlainWords
{
    /// <summary>The ids of a given number of plain words.</summary>
    public static int[] Of(Tokenizer tokenizer, int count)
    {
        int[] words = tokenizer.Encode(string.Concat(Enumerable.Repeat(" word", count)));
        return words[..Math.Min(count, words.Length)];
    }
}
