namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>Draws training examples of the support-desk world, from its training combinations alone. Not thread-safe.</summary>
public sealed class SupportDeskCorpus(int seed)
{
    private const double SystemTurnShare = 0.1;
    private const double ErrorCost = 4;

    private static readonly double[] GoodShares = [0, 0.15, 0.3, 0.5, 0.7, 0.85, 1];

    private readonly SeededRandom _random = new((ulong)seed);

    /// <summary>One conversation of the base policy: each slot bad with <see cref="SupportDesk.BadSlotProbability"/>.</summary>
    public Conversation NextConversation()
    {
        var prompt = NextPrompt();
        return new Conversation(NextSystem(), PromptTyping.Vary(prompt.Text, _random), SupportDesk.Answer(prompt, _random));
    }

    /// <summary>
    /// Eight answers to one prompt: one at a random level; the same with one slot and with two other slots changed; an independent
    /// one; an all-good one; one each with damaged grammar of the first and the all-good one; one about something else.
    /// </summary>
    /// <remarks>The quality is the number of good slots, less 4 for the first error and 1 for each further one.</remarks>
    public RankedAnswers NextRanking()
    {
        var prompt = NextPrompt();
        var share = _random.Pick(GoodShares);
        var wording = _random.NextBits();
        bool[] slots = [.. Enumerable.Range(0, SupportDesk.SlotCount).Select(_ => _random.Chance(share))];
        var oneChanged = Toggle(slots, 1);
        var twoChanged = Toggle(oneChanged, 2);
        bool[] independent = [.. slots.Select(_ => _random.Chance(_random.Pick(GoodShares)))];
        bool[] best = [.. slots.Select(_ => true)];
        var edits = 1 + _random.Next(3);
        var bestEdits = 1 + _random.Next(2);
        RankedAnswer[] answers =
        [
            Ranked(Words(prompt, slots, wording), Count(slots)),
            Ranked(Words(prompt, oneChanged, wording), Count(oneChanged)),
            Ranked(Words(prompt, twoChanged, wording), Count(twoChanged)),
            Ranked(Words(prompt, independent, _random.NextBits()), Count(independent)),
            Ranked(Words(prompt, best, _random.NextBits()), Count(best)),
            Ranked(AnswerCorruption.Damage(Words(prompt, slots, wording), edits, _random), Count(slots) - ErrorCost - edits + 1),
            Ranked(AnswerCorruption.Damage(Words(prompt, best, wording), bestEdits, _random), Count(best) - ErrorCost - bestEdits + 1),
            Ranked(OffTopic(prompt, slots, wording), Count(slots) - ErrorCost),
        ];
        return new RankedAnswers(NextSystem(), PromptTyping.Vary(prompt.Text, _random), answers);
    }

    private static int Count(bool[] slots) => slots.Count(isGood => isGood);

    private static RankedAnswer Ranked(string[] words, double quality) => new(WordText.Join(words), quality);

    private static string[] Words(WorldPrompt prompt, bool[] slots, ulong wording) =>
        AnswerSampler.Sample(prompt.Problem, prompt.Object, slots, new SeededRandom(wording));

    // Another problem, another object in both places, or another object in one of the two places.
    private string[] OffTopic(WorldPrompt prompt, bool[] slots, ulong wording)
    {
        var words = Words(prompt, slots, wording);
        if (_random.Chance(0.4))
        {
            words[Array.IndexOf(words, prompt.Problem)] = Other(Lexicon.Problems, prompt.Problem);
            return words;
        }

        var thing = Other(Lexicon.Objects, prompt.Object);
        var places = Enumerable.Range(0, words.Length).Where(at => words[at] == prompt.Object).ToArray();
        var changed = _random.Chance(0.5) ? places : [_random.Pick(places)];
        foreach (var at in changed)
        {
            words[at] = thing;
        }

        return words;
    }

    private string Other(string[] names, string except) => Redraw.Until(() => _random.Pick(names), name => name != except);

    private bool[] Toggle(bool[] slots, int count)
    {
        var order = Enumerable.Range(0, slots.Length).ToArray();
        _random.Shuffle(order);
        var toggled = slots.ToArray();
        foreach (var slot in order.Take(count))
        {
            toggled[slot] = !toggled[slot];
        }

        return toggled;
    }

    private WorldPrompt NextPrompt()
    {
        var (problem, thing) = _random.Pick(PromptSplit.Training);
        return PromptSplit.Make(_random.Pick(Lexicon.Templates), problem, thing);
    }

    private string? NextSystem() => _random.Chance(SystemTurnShare) ? _random.Pick(Lexicon.SystemTexts) : null;
}
