namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>The grammar of answers: one set of words for each place of each kind of sentence.</summary>
/// <remarks>
/// No word but the full stop stands at two places. So two neighbouring words tell whether the second may follow the first, and an answer of
/// which this holds throughout consists of whole sentences.
/// </remarks>
internal static class MovingPlan
{
    /// <summary>Ends every sentence.</summary>
    public const string Stop = ".";

    /// <summary>The most sentences about items.</summary>
    public const int MostItems = 3;

    private const string FactMark = "#";

    /// <summary>The places of each kind of sentence, by <see cref="SentenceKind"/>; the last is the full stop.</summary>
    public static readonly IReadOnlyList<IReadOnlyList<MovingPlace>> Sentences =
    [
        Places(
            "Hello|Greetings|Welcome # , we will|shall|can come|drive|hurry over|round|across on # at|around|about #",
            FactKind.Customer, FactKind.Day, FactKind.Hour),
        Places(
            "Then|Next|Now careful|strong|skilled porters|workers|helpers carry|lift|bring out|down|away your|this|that #", FactKind.Item),
        Places("Our|A|One van|truck|lorry waits|stands|stops right|close beside|near|behind gate|door|ramp #", FactKind.Gate),
        Places("Everything|All|It costs you|clients only|just|merely #", FactKind.Price),
    ];

    /// <summary>Every word that the grammar allows somewhere, once.</summary>
    public static readonly string[] AllWords =
        [.. Sentences.SelectMany(places => places).SelectMany(place => place.Words).Distinct()];

    private static readonly Dictionary<string, (SentenceKind Kind, int Index)> PlaceOfWord = new(
        from sentence in Sentences.Index()
        from place in sentence.Item.Index()
        from word in place.Item.Words
        where word != Stop
        select KeyValuePair.Create(word, ((SentenceKind)sentence.Index, place.Index)));

    /// <summary>Whether a word belongs to the world's language.</summary>
    public static bool Knows(string word) => word == Stop || PlaceOfWord.ContainsKey(word);

    /// <summary>What kind of fact a word is; null if it is none.</summary>
    public static FactKind? FactOf(string word) =>
        PlaceOfWord.TryGetValue(word, out var place) ? Sentences[(int)place.Kind][place.Index].Fact : null;

    /// <summary>The kind of sentence that a word belongs to; null if it is the full stop or no word of the language.</summary>
    public static SentenceKind? KindOf(string word) => PlaceOfWord.TryGetValue(word, out var place) ? place.Kind : null;

    /// <summary>Whether some sentences have the second word right after the first.</summary>
    /// <param name="before">The first word; null for the beginning of the answer.</param>
    /// <param name="word">The second word; null for the end of the answer.</param>
    public static bool MayFollow(string? before, string? word)
    {
        bool begins = before is null or Stop;
        if (word is null)
        {
            return before == Stop;
        }

        if (word == Stop)
        {
            return before is not null && PlaceOfWord.TryGetValue(before, out var last) && last.Index == Sentences[(int)last.Kind].Count - 2;
        }

        return PlaceOfWord.TryGetValue(word, out var own)
            && (begins
                ? own.Index == 0
                : PlaceOfWord.TryGetValue(before!, out var other) && other == (own.Kind, own.Index - 1));
    }

    private static MovingPlace[] Places(string words, params FactKind[] facts)
    {
        var left = new Queue<FactKind>(facts);
        return
        [
            .. words.Split(' ').Select(place =>
                place == FactMark ? MovingPlace.Of(left.Dequeue()) : new MovingPlace(null, place.Split('|'))),
            new MovingPlace(null, [Stop]),
        ];
    }
}
