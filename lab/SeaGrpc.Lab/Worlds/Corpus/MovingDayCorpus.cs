using SeaGrpc.Lab.Worlds.MovingDay;

namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>Draws training examples of "moving day", from its training combinations alone. Not thread-safe.</summary>
/// <param name="seed">Seed of all that is drawn.</param>
/// <param name="tuning">Whether to draw from the tuning combinations instead: for measuring what was trained.</param>
public sealed class MovingDayCorpus(int seed, bool tuning = false)
{
    private const double SystemTurnShare = 0.1;

    // Of a policy's answers.
    private const double SlipOfThePenShare = 0.15;
    private static readonly MovingError[] PolicyErrors =
        [.. Enum.GetValues<MovingError>().Where(error => error != MovingError.FactChanged)];

    // Of the reward model's answers with errors.
    private const double SubtleShare = 0.2;
    private const double CutOffShare = 0.15;
    private const double SeveralShare = 0.6;
    private const int MostErrors = 4;

    // What is hard to see comes more often.
    private static readonly MovingError[] RewardErrors =
    [
        .. Enum.GetValues<MovingError>(),
        MovingError.WordSwapped, MovingError.WordSwapped, MovingError.WordSwapped,
        MovingError.SentenceDropped, MovingError.SentenceDropped,
        MovingError.SentenceSwapped, MovingError.SentenceSwapped,
        MovingError.SentenceDoubled,
    ];

    private readonly SeededRandom _random = new((ulong)seed);
    private readonly Queue<MovingAnswer> _answers = new();

    /// <summary>
    /// One conversation of a policy: each fact is the slip's with a probability, otherwise any of its kind. A few answers have
    /// another error.
    /// </summary>
    /// <param name="strength">The probability; 1 for answers with nothing wrong.</param>
    public Conversation NextConversation(double strength)
    {
        MovingSlip slip = NextSlip();
        List<string[]> sentences = MovingWriter.Write(
            [.. slip.Facts.Select(fact =>
                _random.Chance(strength) ? fact : _random.Pick(MovingLexicon.Facts[(int)MovingPlan.FactOf(fact)!.Value]))],
            _random);
        string[] words = strength < 1 && _random.Chance(SlipOfThePenShare)
            ? MovingDamage.Of(slip, sentences, _random.Pick(PolicyErrors), _random)
            : [.. sentences.SelectMany(sentence => sentence)];
        return new Conversation(NextSystem(), NextRequest(slip), WordText.Join(words));
    }

    /// <summary>
    /// One answer for the reward model, with its labels. Three in a row are to one request and in the same words: right, with one error,
    /// and with one or several.
    /// </summary>
    public MovingAnswer NextAnswer()
    {
        if (_answers.Count == 0)
        {
            MovingSlip slip = NextSlip();
            List<string[]> right = MovingWriter.Write(slip.Facts, _random);
            (string? system, string request) = (NextSystem(), NextRequest(slip));
            foreach (string[] words in new string[][]
            {
                [.. right.SelectMany(sentence => sentence)],
                WithError(slip, right),
                _random.Chance(SeveralShare) ? WithErrors(slip, right) : WithError(slip, right),
            })
            {
                _answers.Enqueue(MovingAnswer.Of(system, request, slip, words));
            }
        }

        return _answers.Dequeue();
    }

    /// <summary>An answer with nothing wrong, and the same with one error.</summary>
    /// <param name="error">One of <see cref="IEmbeddedWorld.DraftErrors"/>.</param>
    public (MovingAnswer Better, MovingAnswer Worse) NextPair(string error)
    {
        MovingSlip slip = NextSlip();
        List<string[]> right = MovingWriter.Write(slip.Facts, _random);
        string request = NextRequest(slip);
        return (
            MovingAnswer.Of(null, request, slip, [.. right.SelectMany(sentence => sentence)]),
            MovingAnswer.Of(null, request, slip, MovingDamage.Of(slip, right, Enum.Parse<MovingError>(error), _random)));
    }

    private string[] WithError(MovingSlip slip, List<string[]> right) => _random.Chance(SubtleShare)
        ? MovingDamage.Subtle(slip, right, _random)
        : MovingDamage.Of(slip, right, _random.Pick(RewardErrors), _random);

    private string[] WithErrors(MovingSlip slip, List<string[]> right)
    {
        string[] words = [.. right.SelectMany(sentence => sentence)];
        if (_random.Chance(CutOffShare))
        {
            return words[..(1 + _random.Next(words.Length - 1))];
        }

        for (int errors = 2 + _random.Next(MostErrors - 1); errors > 0; errors--)
        {
            List<string[]> sentences = MovingDamage.SentencesOf(words);
            // What is left of an answer may be too little for some errors.
            MovingError error = _random.Pick(RewardErrors);
            words = MovingDamage.Of(
                slip, sentences, MovingDamage.IsPossible(sentences, error) ? error : MovingError.WordInserted, _random);
        }

        return words;
    }

    private MovingSlip NextSlip() => MovingSplit.Slip(_random.Pick(tuning ? MovingSplit.Tuning : MovingSplit.Training), _random);

    private string NextRequest(MovingSlip slip) => PromptTyping.Vary(slip.Request(_random.Pick(MovingLexicon.Templates)), _random);

    private string? NextSystem() => _random.Chance(SystemTurnShare) ? _random.Pick(Lexicon.SystemTexts) : null;
}
