namespace SeaGrpc.Alignment.Rewards;

/// <summary>Locates an answer's tokens among the ids that are read for it.</summary>
internal static class AnswerPlaces
{
    /// <summary>The index of each token, or -1.</summary>
    /// <remarks>
    /// 1. The ids that are read are a piece of the answer: it was trimmed, or its start was removed.
    /// 2. Otherwise only the common start and end are located.
    /// </remarks>
    /// <param name="answer">The answer's tokens.</param>
    /// <param name="read">The ids that are read for it.</param>
    /// <param name="start">Index of the first of these.</param>
    public static int[] Of(IReadOnlyList<int> answer, ReadOnlySpan<int> read, int start)
    {
        int[] tokens = [.. answer];
        var places = new int[tokens.Length];
        Array.Fill(places, -1);

        // 1. The last occurrence: the start of the answer was removed.
        if (read.Length > 0 && tokens.AsSpan().LastIndexOf(read) is var at and >= 0)
        {
            for (int index = 0; index < read.Length; index++)
            {
                places[at + index] = start + index;
            }

            return places;
        }

        // 2. Both ends.
        int before = tokens.AsSpan().CommonPrefixLength(read);
        int after = 0;
        while (after < Math.Min(tokens.Length, read.Length) - before && tokens[^(after + 1)] == read[^(after + 1)])
        {
            after++;
        }

        for (int index = 0; index < before; index++)
        {
            places[index] = start + index;
        }

        for (int index = 1; index <= after; index++)
        {
            places[^index] = start + read.Length - index;
        }

        return places;
    }
}
