using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.KeepYourWord;

namespace SeaGrpc.Lab.Tests.Worlds;

public sealed class KeepYourWordTests
{
    private readonly KeepYourWordWorld _world = new();

    [Fact]
    public void The_judge_counts_the_requirements_of_every_generated_answer()
    {
        var random = new SeededRandom(1);
        foreach (var prompt in _world.TuningPrompts(2000, seed: 2))
        {
            bool[] met = [.. Enumerable.Range(0, _world.RequirementCount).Select(_ => random.Chance(0.7))];
            var answer = KeepYourWordWorld.Answer(prompt, met, random);
            var assessment = _world.Assess(prompt, answer);
            Assert.Equal(new Assessment(met.Count(isMet => isMet), 7, Grammatical: true, OnTopic: true), assessment);
            Assert.Equal(met.All(isMet => isMet), assessment.AllGood);
            Assert.Equal(met, AnswerReader.Requirements(prompt, WordText.Split(answer)));
        }
    }

    [Fact]
    public void A_promise_is_mended_at_either_place()
    {
        var prompt = _world.TuningPrompts(1, seed: 1)[0];
        var words = WordText.Split(_world.WorstAnswer(prompt, seed: 1));
        foreach (var requirement in new[] { AnswerPlan.Action, AnswerPlan.Deadline, AnswerPlan.Channel })
        {
            var early = Array.FindIndex(
                AnswerPlan.Places, place => place is AnswerPlace.Promised promised && promised.Requirement == requirement);
            var late = Array.FindIndex(AnswerPlan.Places, place => place is AnswerPlace.Kept kept && kept.Requirement == requirement);
            Assert.True(early < late);
            Assert.Equal(0, Met(words));
            Assert.Equal(1, Met(With(words, late, words[early])));
            Assert.Equal(1, Met(With(words, early, words[late])));
        }

        int Met(string[] answer) => _world.Assess(prompt, WordText.Join(answer)).RequirementsMet;
    }

    [Fact]
    public void Every_place_rejects_a_word_of_another_role()
    {
        var prompt = _world.TuningPrompts(1, seed: 1)[0];
        var words = WordText.Split(_world.WorstAnswer(prompt, seed: 1));
        for (var at = 0; at < words.Length; at++)
        {
            Assert.False(_world.Assess(prompt, WordText.Join(With(words, at, "lamp" == words[at] ? "broken" : "again"))).Grammatical);
            Assert.False(_world.Assess(prompt, WordText.Join([.. words[..at], .. words[(at + 1)..]])).Grammatical);
        }

        var other = With(
            words,
            Array.IndexOf(words, prompt.Object),
            AnswerWriter.Other(Lexicon.Objects, prompt.Object, new SeededRandom(1))
        );
        Assert.True(_world.Assess(prompt, WordText.Join(other)) is { Grammatical: true, OnTopic: false });
        Assert.False(_world.Assess(prompt, WordText.Join(words).Replace(".", " .", StringComparison.Ordinal)).Grammatical);
    }

    [Fact]
    public void Words_have_one_role()
    {
        string[][] roles =
        [
            Lexicon.Problems,
            Lexicon.Objects,
            WordLexicon.Customers,
            WordLexicon.Actions,
            WordLexicon.Deadlines,
            WordLexicon.Channels,
            [.. AnswerPlan.Places.OfType<AnswerPlace.Polar>().SelectMany(place => place.Words)],
            [.. AnswerPlan.Places.OfType<AnswerPlace.Neutral>().SelectMany(place => place.Words).Distinct()],
        ];
        string[] all = [.. roles.SelectMany(words => words)];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.True(WordLexicon.Customers.Length >= 60 && WordLexicon.Actions.Length >= 12 && WordLexicon.Deadlines.Length >= 7);
    }

    [Fact]
    public void The_splits_are_disjoint_and_large_enough()
    {
        var heldOut = _world.HeldOutPrompts(8320, seed: 1);
        var tuning = _world.TuningPrompts(4160, seed: 1);
        Assert.Empty(Combinations(heldOut).Intersect(Combinations(tuning)));
        Assert.Empty(Combinations(heldOut).Intersect(WordPromptSplit.Training));
        Assert.Empty(Combinations(tuning).Intersect(WordPromptSplit.Training));
        Assert.Equal(83_200, heldOut.Count + tuning.Count + WordPromptSplit.Training.Length);
        Assert.All(heldOut, prompt => Assert.True(prompt.HeldOut));
        Assert.Throws<ArgumentOutOfRangeException>(() => _world.HeldOutPrompts(8321, seed: 1));
    }

    private static HashSet<WordPromptSplit.Combination> Combinations(IEnumerable<WorldPrompt> prompts) =>
        [.. prompts.Select(prompt => new WordPromptSplit.Combination(prompt.Customer!, prompt.Object, prompt.Problem))];

    private static string[] With(string[] words, int at, string word) => [.. words[..at], word, .. words[(at + 1)..]];
}
