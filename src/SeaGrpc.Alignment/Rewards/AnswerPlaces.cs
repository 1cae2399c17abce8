namespace SeaGrpc.Alignment.Rewards;

/// <summary>Finds an answer's tokens among the ids that are read for it.</summary>
internal static class AnswerPlaces
{
    /// <summary>Each token's index, or -1.</summary>
    /// <remarks>
    /// 1. What is read is a piece of the answer: it was trimmed, or its beginning cut off. 2. Else what both begin and end with alike.
    /// </remarks>
    /// <param name="answer">The answer's tokens.</param>
    /// <param name="read">What is read for them.</param>
    /// <param name="start">Index of the first of those.</param>
    public static int[] Of(IReadOnlyList<int> answer, ReadOnlySpan<int> read, int start)
    {
        int[] tokens = [.. answer];
        var places = new int[tokens.Length];
        Array.Fill(places, -1);

        // 1. The last piece: what stands before it was cut off.
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
