using SeaGrpc.Alignment.Policies;

namespace SeaGrpc.Bench.Engines;

/// <summary>
/// A language without a model: what may follow a row is computed from its ids alone, in no time. At each position the tokens have an order,
/// and each is half as likely as the one before it. At one of <see cref="MeanLength"/> positions the end comes first. Thread-safe.
/// </summary>
internal sealed class NoisePolicy : IPolicy
{
    private const int MeanLength = 24;
    private const int LeastLikely = 60;

    private readonly int[] _legal;
    private readonly Dictionary<int, int> _places;
    private readonly int _end;
    private readonly int _stride;
    private readonly int _inverse;

    /// <summary>Creates it.</summary>
    /// <param name="legal">Ids of the tokens that responses may contain, the end included.</param>
    /// <param name="end">Id of the end.</param>
    public NoisePolicy(IEnumerable<int> legal, int end)
    {
        _legal = [.. legal];
        _places = _legal.Index().ToDictionary(one => one.Item, one => one.Index);
        _end = end;
        _stride = Enumerable.Range(_legal.Length / 3, _legal.Length).First(step => Gcd(step, _legal.Length) == 1);
        _inverse = Enumerable.Range(1, _legal.Length).First(factor => (long)factor * _stride % _legal.Length == 1);
    }

    public string Address => "noise";

    public PolicyAbilities Abilities => new(ReadsRows: true, _legal.Length);

    public Task<PolicyAnswer<DrawnTokens>> ContinueAsync(
        IReadOnlyList<RowToContinue> rows, TokenDrawing drawing, CancellationToken cancellationToken)
    {
        DrawnTokens[] drawn = [.. rows.Select(row => Draw(row, drawing))];
        return Task.FromResult(new PolicyAnswer<DrawnTokens>(
            drawn, new PolicyTokens(rows.Sum(row => (long)row.Ids.Count), 0, drawn.Sum(row => (long)row.Tokens.Count))));
    }

    public Task<PolicyAnswer<ReadTokens>> ReadAsync(
        IReadOnlyList<RowToRead> rows, int alternatives, CancellationToken cancellationToken) =>
        Task.FromResult(new PolicyAnswer<ReadTokens>(
            [.. rows.Select(row => Read(row, alternatives))], new PolicyTokens(rows.Sum(row => (long)row.Ids.Count), 0, 0)));

    public void Dispose()
    {
    }

    private DrawnTokens Draw(RowToContinue row, TokenDrawing drawing)
    {
        uint state = row.Ids.Aggregate(0u, Next);
        var random = new Random((int)(row.Seed ^ (row.Seed >> 32)));
        List<int> tokens = [];
        List<float> own = [];
        List<IReadOnlyList<TokenProbability>> likeliest = [];
        do
        {
            int rank = 0;
            while ((drawing.Temperature > 0 && rank < LeastLikely && random.Next(2) == 0) || drawing.Forbidden.Contains(Token(state, rank)))
            {
                rank++;
            }

            tokens.Add(Token(state, rank));
            own.Add(LogProbability(rank));
            likeliest.Add(Likeliest(state, drawing.Alternatives));
            state = Next(state, tokens[^1]);
        }
        while (tokens.Count < drawing.MaxTokens && !drawing.Ends.Contains(tokens[^1]));

        return new DrawnTokens(tokens, own, likeliest, drawing.Ends.Contains(tokens[^1]));
    }

    private ReadTokens Read(RowToRead row, int alternatives)
    {
        uint state = row.Ids.Take(row.From).Aggregate(0u, Next);
        List<float> own = [];
        List<IReadOnlyList<TokenProbability>> likeliest = [];
        foreach (int id in row.Ids.Skip(row.From))
        {
            own.Add(LogProbability(Rank(state, id)));
            likeliest.Add(Likeliest(state, alternatives));
            state = Next(state, id);
        }

        return new ReadTokens(own, likeliest);
    }

    private TokenProbability[] Likeliest(uint state, int count) =>
    [
        .. Enumerable.Range(0, Math.Min(count, _legal.Length))
            .Select(rank => new TokenProbability(Token(state, rank), LogProbability(rank))),
    ];

    // The token at a place of the order. Where the end comes first, it changes places with the token that would.
    private int Token(uint state, int rank)
    {
        int token = _legal[(int)((state + ((long)rank * _stride)) % _legal.Length)];
        return !Ends(state) ? token
            : rank == 0 ? _end
            : token == _end ? _legal[(int)(state % _legal.Length)]
            : token;
    }

    private int Rank(uint state, int id)
    {
        if (Ends(state) && id == _end)
        {
            return 0;
        }

        int first = (int)(state % _legal.Length);
        int sought = Ends(state) && id == _legal[first] ? _end : id;
        // A token that no response may contain is as unlikely as can be.
        return _places.TryGetValue(sought, out int place)
            ? (int)((long)(place - first + _legal.Length) * _inverse % _legal.Length)
            : LeastLikely;
    }

    private static bool Ends(uint state) => (state >> 8) % MeanLength == 0;

    private static float LogProbability(int rank) => (float)((Math.Min(rank, LeastLikely) + 1) * -Math.Log(2));

    private static uint Next(uint state, int id) => ((state ^ (uint)id) * 0x9E3779B1) ^ (((state ^ (uint)id) * 0x9E3779B1) >> 15);

    private static int Gcd(int one, int other) => other == 0 ? one : Gcd(other, one % other);
}
