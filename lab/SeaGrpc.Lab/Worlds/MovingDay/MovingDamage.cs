namespace SeaGrpc.Lab.Worlds.MovingDay;

/// <summary>Makes one error in an answer.</summary>
internal static class MovingDamage
{
    private static readonly SentenceKind[] Foreign = [SentenceKind.Item, SentenceKind.Gate, SentenceKind.Price];

    /// <summary>The answer's words with one error, which changes them.</summary>
    /// <param name="slip">What the answer is about.</param>
    /// <param name="sentences">The answer's sentences.</param>
    /// <param name="error">An error that <see cref="IsPossible"/> there.</param>
    /// <param name="random">Draws where and what.</param>
    public static string[] Of(MovingSlip slip, IReadOnlyList<string[]> sentences, MovingError error, SeededRandom random) =>
        [.. Damaged(slip, sentences, error, random).SelectMany(sentence => sentence)];

    /// <summary>
    /// Whether an answer can have an error: something is left where it drops, neighbours differ where it swaps, and there is a fact where
    /// it changes one. All errors are possible in an answer of different sentences, of which one names a fact.
    /// </summary>
    /// <param name="sentences">The answer's sentences.</param>
    /// <param name="error">The error.</param>
    public static bool IsPossible(IReadOnlyList<string[]> sentences, MovingError error)
    {
        string[] words = [.. sentences.SelectMany(sentence => sentence)];
        return error switch
        {
            MovingError.WordDropped => words.Length > 1,
            MovingError.WordSwapped => WordDamage.Swaps(words).Length > 0,
            MovingError.SentenceDropped => sentences.Count > 1,
            MovingError.SentenceSwapped => Swaps(sentences).Length > 0,
            MovingError.FactChanged => words.Any(word => MovingPlan.FactOf(word) is not null),
            _ => words.Length > 0,
        };
    }

    /// <summary>
    /// The answer's words with an error that is hard to see: a sentence at a place of its own choice, once more in other words, or about
    /// another item of the slip. A search comes across such answers.
    /// </summary>
    /// <param name="slip">What the answer is about.</param>
    /// <param name="sentences">A right answer's sentences.</param>
    /// <param name="random">Draws what and where.</param>
    public static string[] Subtle(MovingSlip slip, IReadOnlyList<string[]> sentences, SeededRandom random)
    {
        List<string[]> changed = [.. sentences];
        int at = random.Next(changed.Count);
        string[] sentence = changed[at];
        IReadOnlyList<string> items = slip.Of(FactKind.Item);
        switch (random.Next(3))
        {
            case 0 when changed.Count > 2:
                changed.RemoveAt(at);
                int to = random.Next(changed.Count);
                changed.Insert(to < at ? to : to + 1, sentence);
                break;
            case 1 when items.Count > 1:
                // The items' sentences follow the first one.
                int item = random.Next(items.Count);
                string other = items[(item + 1 + random.Next(items.Count - 1)) % items.Count];
                changed[1 + item] = [.. changed[1 + item].Select(word => word == items[item] ? other : word)];
                break;
            default:
                string[] facts = [.. sentence.Where(word => MovingPlan.FactOf(word) is not null)];
                changed.Insert(
                    random.Next(changed.Count + 1), MovingWriter.Sentence(MovingPlan.KindOf(sentence[0])!.Value, facts, random));
                break;
        }

        return [.. changed.SelectMany(one => one)];
    }

    /// <summary>A sentence of a kind that may repeat or be left out, with a fact that the slip does not have.</summary>
    public static string[] ForeignSentence(MovingSlip slip, SeededRandom random)
    {
        SentenceKind kind = random.Pick(Foreign);
        FactKind fact = MovingPlan.Sentences[(int)kind].Select(place => place.Fact).OfType<FactKind>().Single();
        return MovingWriter.Sentence(kind, [MovingWriter.Other(slip, fact, random)], random);
    }

    /// <summary>Cuts words into sentences, after each full stop; the last may have none.</summary>
    public static List<string[]> SentencesOf(IReadOnlyList<string> words)
    {
        List<string[]> sentences = [];
        int start = 0;
        for (int at = 0; at < words.Count; at++)
        {
            if (words[at] == MovingPlan.Stop || at == words.Count - 1)
            {
                sentences.Add([.. words.Skip(start).Take(at + 1 - start)]);
                start = at + 1;
            }
        }

        return sentences;
    }

    private static List<string[]> Damaged(MovingSlip slip, IReadOnlyList<string[]> sentences, MovingError error, SeededRandom random)
    {
        List<string[]> changed = [.. sentences];
        int at = random.Next(changed.Count);
        switch (error)
        {
            case MovingError.SentenceDropped:
                changed.RemoveAt(at);
                break;
            case MovingError.SentenceDoubled:
                changed.Insert(at, changed[at]);
                break;
            case MovingError.SentenceSwapped:
                at = random.Pick(Swaps(changed));
                (changed[at], changed[at + 1]) = (changed[at + 1], changed[at]);
                break;
            case MovingError.SentenceInserted:
                changed.Insert(random.Next(changed.Count + 1), ForeignSentence(slip, random));
                break;
            default:
                List<string> words = [.. changed.SelectMany(sentence => sentence)];
                at = random.Next(words.Count);
                if (error == MovingError.FactChanged)
                {
                    ChangeFact(slip, words, random);
                }
                else
                {
                    WordDamage.Make(words, Enum.Parse<WordError>($"{error}"), at, MovingPlan.AllWords, random);
                }

                return [[.. words]];
        }

        return changed;
    }

    // The sentences that differ from the next one.
    private static int[] Swaps(IReadOnlyList<string[]> sentences) =>
        [.. Enumerable.Range(0, Math.Max(0, sentences.Count - 1)).Where(at => !sentences[at].SequenceEqual(sentences[at + 1]))];

    private static void ChangeFact(MovingSlip slip, List<string> words, SeededRandom random)
    {
        int[] facts = [.. Enumerable.Range(0, words.Count).Where(index => MovingPlan.FactOf(words[index]) is not null)];
        int at = random.Pick(facts);
        words[at] = MovingWriter.Other(slip, MovingPlan.FactOf(words[at])!.Value, random);
    }
}
