using SeaGrpc.Lab.Worlds.KeepYourWord;

namespace SeaGrpc.Lab.Worlds.Corpus;

/// <summary>Draws training examples of "keep your word", from its training combinations alone. Not thread-safe.</summary>
/// <param name="seed">Seed of all that is drawn.</param>
/// <param name="tuning">Whether to draw from the tuning combinations instead: for measuring what was trained.</param>
public sealed class KeepYourWordCorpus(int seed, bool tuning = false)
{
    private const double SystemTurnShare = 0.1;

    // One draw decides: off topic, both, damaged, or neither.
    private const double DamagedAbove = 0.10;
    private const double OffTopicBelow = 0.12;
    private const double DamagedBelow = 0.40;
    private const double OneEditShare = 0.65;
    private const int MaxEdits = 4;

    /// <summary>Stands for a word outside of the world's language.</summary>
    private const string ForeignWord = "?!";

    private readonly SeededRandom _random = new((ulong)seed);

    /// <summary>
    /// One conversation of a policy: each requirement is met on purpose with a probability; otherwise the promise and the customer
    /// are forgotten and any word stands there, which may be right by chance, or the word of the slot is bad.
    /// </summary>
    /// <param name="strength">The probability.</param>
    public Conversation NextConversation(double strength)
    {
        WorldPrompt prompt = NextPrompt();
        string answer = WordText.Join(AnswerWriter.Write(prompt, MetByChance(strength), _random));
        return new Conversation(NextSystem(), PromptTyping.Vary(prompt.Text, _random), answer);
    }

    /// <summary>
    /// One answer for the reward model, with its labels. It meets any number of requirements, often all or nearly all; three in five
    /// are flawless in grammar and topic, the others damaged by edits or about something else.
    /// </summary>
    public LabelledAnswer NextAnswer()
    {
        WorldPrompt prompt = NextPrompt();
        var words = AnswerWriter.Write(prompt, NextMet(), _random).ToList();
        double chance = _random.NextDouble();
        if (chance < OffTopicBelow)
        {
            ChangeTopic(words, prompt);
        }

        if (chance is > DamagedAbove and < DamagedBelow)
        {
            Damage(words, _random.Chance(OneEditShare) ? 1 : 1 + _random.Next(MaxEdits));
        }

        return Label(NextSystem(), PromptTyping.Vary(prompt.Text, _random), prompt, words);
    }

    /// <summary>Two answers that differ by one word, with which the first meets a requirement that the second misses.</summary>
    /// <param name="requirement">The requirement.</param>
    /// <param name="others">How likely each other requirement is met in both.</param>
    public (LabelledAnswer Better, LabelledAnswer Worse) NextToggle(int requirement, double others)
    {
        WorldPrompt prompt = NextPrompt();
        bool[] met = [.. Enumerable.Range(0, AnswerPlan.RequirementCount).Select(index => index == requirement || _random.Chance(others))];
        string[] better = AnswerWriter.Write(prompt, met, _random);
        string[] worse = [.. better];
        int[] places = [.. Enumerable.Range(0, better.Length).Where(at => Decides(AnswerPlan.Places[at], requirement))];
        int at = _random.Pick(places);
        worse[at] = AnswerPlan.Places[at] is AnswerPlace.Polar polar
            ? _random.Pick(polar.Bad)
            : AnswerWriter.Other(AnswerPlan.Places[at].Words, better[at], _random);
        return (Label(null, prompt.Text, prompt, better), Label(null, prompt.Text, prompt, worse));
    }

    /// <summary>A flawless answer, and the same with another problem or object.</summary>
    /// <param name="met">How likely each requirement is met.</param>
    public (LabelledAnswer Better, LabelledAnswer Worse) NextOffTopic(double met) => NextPair(met, ChangeTopic);

    /// <summary>A flawless answer, and the same after edits that made it ungrammatical.</summary>
    /// <param name="met">How likely each requirement is met.</param>
    /// <param name="edits">How many edits.</param>
    public (LabelledAnswer Better, LabelledAnswer Worse) NextDamaged(double met, int edits) =>
        Redraw.Until(() => NextPair(met, (words, _) => Damage(words, edits)), pair => pair.Worse.Errors > 0);

    /// <summary>The same answer with one word replaced by something outside of the world's language.</summary>
    /// <param name="answer">An answer of this corpus.</param>
    /// <param name="word">The word's index.</param>
    public static LabelledAnswer WithForeignWord(LabelledAnswer answer, int word)
    {
        ArgumentNullException.ThrowIfNull(answer);
        string[] words = [.. answer.Words];
        words[word] = ForeignWord;
        return Label(answer.System, answer.Prompt, answer.About, words);
    }

    private static LabelledAnswer Label(string? system, string typed, WorldPrompt about, IReadOnlyList<string> words) => new(
        system, typed, about, words, AnswerReader.Requirements(about, words), AnswerErrors.Count(about, words),
        AnswerLabels.Marks(about, words));

    private static bool Decides(AnswerPlace place, int requirement) => place switch
    {
        AnswerPlace.Promised promised => promised.Requirement == requirement,
        AnswerPlace.Kept kept => kept.Requirement == requirement,
        AnswerPlace.CustomerName customer => customer.Requirement == requirement,
        AnswerPlace.Polar polar => polar.Requirement == requirement,
        _ => false,
    };

    private (LabelledAnswer Better, LabelledAnswer Worse) NextPair(double met, Action<List<string>, WorldPrompt> worsen)
    {
        WorldPrompt prompt = NextPrompt();
        string[] better = AnswerWriter.Write(prompt, MetByChance(met), _random);
        var worse = better.ToList();
        worsen(worse, prompt);
        return (Label(null, prompt.Text, prompt, better), Label(null, prompt.Text, prompt, worse));
    }

    private void Damage(List<string> words, int edits)
    {
        for (var edit = 0; edit < edits; edit++)
        {
            WordDamage.Edit(words, _random);
        }
    }

    private bool[] NextMet()
    {
        switch (_random.Next(6))
        {
            case 0 or 1:
                bool[] met = [.. Enumerable.Repeat(true, AnswerPlan.RequirementCount)];
                for (var missed = _random.Next(3); missed > 0; missed--)
                {
                    met[_random.Next(met.Length)] = false;
                }

                return met;
            case 2:
                return MetByChance(_random.Pick(KeepYourWordWorld.Strengths));
            default:
                return MetByChance(_random.NextDouble());
        }
    }

    private bool[] MetByChance(double strength)
    {
        var met = new bool[AnswerPlan.RequirementCount];
        foreach (AnswerPlace place in AnswerPlan.Places)
        {
            switch (place)
            {
                case AnswerPlace.Kept kept:
                    met[kept.Requirement] = _random.Chance(strength) || _random.Next(kept.Words.Count) == 0;
                    break;
                case AnswerPlace.CustomerName customer:
                    met[customer.Requirement] = _random.Chance(strength) || _random.Next(customer.Words.Count) == 0;
                    break;
                case AnswerPlace.Polar polar:
                    met[polar.Requirement] = _random.Chance(strength);
                    break;
            }
        }

        return met;
    }

    private void ChangeTopic(List<string> words, WorldPrompt prompt)
    {
        var which = _random.Next(4);
        if (which != 0)
        {
            words[words.IndexOf(prompt.Object)] = AnswerWriter.Other(Lexicon.Objects, prompt.Object, _random);
        }

        if (which is 0 or 1)
        {
            words[words.IndexOf(prompt.Problem)] = AnswerWriter.Other(Lexicon.Problems, prompt.Problem, _random);
        }
    }

    private WorldPrompt NextPrompt() =>
        WordPromptSplit.Make(
            _random.Pick(WordLexicon.Templates), _random.Pick(tuning ? WordPromptSplit.Tuning : WordPromptSplit.Training), heldOut: tuning);

    private string? NextSystem() => _random.Chance(SystemTurnShare) ? _random.Pick(Lexicon.SystemTexts) : null;
}
