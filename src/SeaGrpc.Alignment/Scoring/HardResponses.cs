namespace SeaGrpc.Alignment.Scoring;

/// <summary>Rows of hard tokens with equal lengths, and where the response of each row ends. Plain numbers.</summary>
internal sealed class HardResponses
{
    /// <summary>Determines the lengths from the tokens.</summary>
    /// <param name="tokens">Ids [rows, positions], row by row. Tokens after a row's first EOS do not count.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="isEos">Which ids end a response.</param>
    public HardResponses(long[] tokens, int rows, Func<long, bool> isEos)
    {
        Tokens = tokens;
        Rows = rows;
        Positions = tokens.Length / rows;
        ContentLengths = new int[rows];
        TargetLengths = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            int length = 0;
            while (length < Positions && !isEos(tokens[row * Positions + length]))
            {
                length++;
            }

            ContentLengths[row] = length;
            TargetLengths[row] = Math.Min(length + 1, Positions);
        }
    }

    /// <summary>Ids [rows, positions], row by row.</summary>
    public long[] Tokens { get; }

    public int Rows { get; }

    public int Positions { get; }

    /// <summary>Number of tokens before the first EOS in each row.</summary>
    public int[] ContentLengths { get; }

    /// <summary>The same, including EOS if there is one: the active positions.</summary>
    public int[] TargetLengths { get; }

    /// <summary>Creates rows from responses of different lengths, padded with EOS to the length of the longest.</summary>
    /// <param name="responses">Ids without EOS.</param>
    /// <param name="eos">The id used as padding.</param>
    /// <param name="isEos">Which ids end a response.</param>
    /// <param name="ended">Whether each row gets its own EOS.</param>
    public static HardResponses FromRagged(
        IReadOnlyList<IReadOnlyList<int>> responses, int eos, Func<long, bool> isEos, Func<int, bool> ended)
    {
        int positions = Math.Max(1, Enumerable.Range(0, responses.Count).Max(row => responses[row].Count + (ended(row) ? 1 : 0)));
        var tokens = new long[responses.Count * positions];
        Array.Fill(tokens, eos);
        for (int row = 0; row < responses.Count; row++)
        {
            for (int index = 0; index < responses[row].Count; index++)
            {
                tokens[row * positions + index] = responses[row][index];
            }
        }

        return new HardResponses(tokens, responses.Count, isEos);
    }

    /// <summary>Some of the rows.</summary>
    /// <param name="indices">The rows; at least one.</param>
    /// <param name="isEos">Which ids end a response.</param>
    public HardResponses Select(IReadOnlyList<int> indices, Func<long, bool> isEos) =>
        new([.. indices.SelectMany(row => Tokens.AsSpan(row * Positions, Positions).ToArray())], indices.Count, isEos);

    /// <summary>Whether a row has the same tokens as the same row of others with equal length.</summary>
    public bool HasSameRow(HardResponses other, int row) =>
        Tokens.AsSpan(row * Positions, Positions).SequenceEqual(other.Tokens.AsSpan(row * Positions, Positions));

    /// <summary>Number of each row's first tokens whose states predict a token that counts; after the prompt's own state.</summary>
    public int[] PredictingLengths() => [.. TargetLengths.Select(length => length - 1)];

    /// <summary>Whether a row ends with EOS.</summary>
    public bool EndsWithEos(int row) => TargetLengths[row] > ContentLengths[row];

    /// <summary>A row's response, without EOS.</summary>
    public int[] Content(int row) => [.. Tokens.AsSpan(row * Positions, ContentLengths[row]).ToArray().Select(id => (int)id)];

    /// <summary>All rows' responses, without EOS.</summary>
    public int[][] Contents() => [.. Enumerable.Range(0, Rows).Select(Content)];

    /// <summary>1 at active positions, 0 elsewhere: [rows, positions].</summary>
    public float[] ActiveMask()
    {
        var mask = new float[Tokens.Length];
        for (int row = 0; row < Rows; row++)
        {
            mask.AsSpan(row * Positions, TargetLengths[row]).Fill(1);
        }

        return mask;
    }

    /// <summary>What the reward model reads after its prefix: each row's content, the suffix, and padding that nothing sees.</summary>
    /// <param name="suffix">The reward model's suffix.</param>
    /// <returns>Ids [rows, width], row by row, and the index of each row's last suffix token.</returns>
    public (long[] Ids, int Width, long[] Ends) RewardInputs(IReadOnlyList<int> suffix)
    {
        int width = ContentLengths.Max() + suffix.Count;
        var ids = new long[Rows * width];
        var ends = new long[Rows];
        Array.Fill(ids, suffix[^1]);
        for (int row = 0; row < Rows; row++)
        {
            int length = ContentLengths[row];
            Tokens.AsSpan(row * Positions, length).CopyTo(ids.AsSpan(row * width));
            for (int index = 0; index < suffix.Count; index++)
            {
                ids[row * width + length + index] = suffix[index];
            }

            ends[row] = length + suffix.Count - 1;
        }

        return (ids, width, ends);
    }
}
