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

    // Of the reward model's answers.
    private const double RightShare = 0.35;
    private const double OneErrorShare = 0.4;
    private const double CutOffShare = 0.05;
    private const int MostErrors = 4;

    private readonly SeededRandom _random = new((ulong)seed);

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

    /// <summary>One answer for the reward model, with its labels: right, with one error, or with several.</summary>
    public MovingAnswer NextAnswer()
    {
        MovingSlip slip = NextSlip();
        double chance = _random.NextDouble();
        int errors = chance < RightShare ? 0 : chance < RightShare + OneErrorShare ? 1 : 2 + _random.Next(MostErrors - 1);
        return Label(slip, Damaged(slip, errors));
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

    private MovingAnswer Label(MovingSlip slip, IReadOnlyList<string> words) =>
        MovingAnswer.Of(NextSystem(), NextRequest(slip), slip, words);

    private string[] Damaged(MovingSlip slip, int errors)
    {
        List<string[]> sentences = MovingWriter.Write(slip.Facts, _random);
        if (errors > 0 && _random.Chance(CutOffShare))
        {
            string[] whole = [.. sentences.SelectMany(sentence => sentence)];
            return whole[..(1 + _random.Next(whole.Length - 1))];
        }

        string[] words = [.. sentences.SelectMany(sentence => sentence)];
        for (; errors > 0; errors--)
        {
            sentences = MovingDamage.SentencesOf(words);
            // What is left of an answer may be too little for some errors.
            MovingError error = sentences.Count < 2 || !words.Any(word => MovingPlan.FactOf(word) is not null)
                ? MovingError.WordInserted
                : _random.Pick(Enum.GetValues<MovingError>());
            words = MovingDamage.Of(
                slip, sentences, MovingDamage.IsPossible(sentences, error) ? error : MovingError.WordInserted, _random);
        }

        return words;
    }

    private MovingSlip NextSlip() => MovingSplit.Slip(_random.Pick(tuning ? MovingSplit.Tuning : MovingSplit.Training), _random);

    private string NextRequest(MovingSlip slip) => PromptTyping.Vary(slip.Request(_random.Pick(MovingLexicon.Templates)), _random);

    private string? NextSystem() => _random.Chance(SystemTurnShare) ? _random.Pick(Lexicon.SystemTexts) : null;
}
