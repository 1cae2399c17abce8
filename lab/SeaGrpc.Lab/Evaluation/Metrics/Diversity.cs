namespace SeaGrpc.Lab.Evaluation.Metrics;

/// <summary>Diversity of one answer, or of several together: the product over n = 2, 3, 4 of (1 - the share of repeated n-grams).</summary>
/// <remarks>
/// n-grams of words are taken inside answers and counted over all of them, so that a method that gives every prompt the same
/// answer has a low figure. It falls with the number of answers: compare only equal numbers.
/// </remarks>
public static class Diversity
{
    /// <summary>Diversity in [0, 1]; 1 where there is no n-gram at all.</summary>
    public static double Of(IEnumerable<string> answers)
    {
        string[][] words = [.. answers.Select(answer => answer.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];
        return Enumerable.Range(2, 3).Select(length => DistinctShare(words, length)).Aggregate(1.0, (product, share) => product * share);
    }

    private static double DistinctShare(string[][] answers, int length)
    {
        int total = 0;
        HashSet<string> distinct = [];
        foreach (string[] words in answers)
        {
            for (int start = 0; start + length <= words.Length; start++)
            {
                total++;
                distinct.Add(string.Join(' ', words, start, length));
            }
        }

        return total == 0 ? 1 : (double)distinct.Count / total;
    }
}
