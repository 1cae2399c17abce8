using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;

namespace SeaGrpc.Lab.Tests.Worlds;

public sealed class SupportDeskTests
{
    [Fact]
    public void The_judge_counts_the_slots_of_every_generated_answer()
    {
        var random = new SeededRandom(1);
        foreach (var prompt in SupportDesk.TrainingPrompts(2000, seed: 2))
        {
            bool[] slots = [.. Enumerable.Range(0, SupportDesk.SlotCount).Select(_ => random.Chance(0.5))];
            var judgement = Judge.Assess(prompt, SupportDesk.Answer(prompt, slots, random));
            Assert.Equal(new Judgement(slots.Count(good => good), Grammatical: true, OnTopic: true), judgement);
            Assert.Equal(slots.All(good => good), judgement.AllGood);
        }
    }

    [Fact]
    public void The_judge_rejects_damaged_answers()
    {
        var corpus = new SupportDeskCorpus(seed: 3);
        for (var i = 0; i < 500; i++)
        {
            var ranking = corpus.NextRanking();
            var prompt = SupportDesk.RecognisePrompt(ranking.Prompt);
            Assert.NotNull(prompt);
            foreach (var (clean, index) in ranking.Answers.Take(5).Select((answer, index) => (answer, index)))
            {
                Assert.True(Judge.Assess(prompt, clean.Answer) is { Grammatical: true, OnTopic: true }, $"{index}: {clean.Answer}");
            }

            Assert.False(Judge.Assess(prompt, ranking.Answers[5].Answer).Grammatical);
            Assert.False(Judge.Assess(prompt, ranking.Answers[6].Answer).Grammatical);
            Assert.False(Judge.Assess(prompt, ranking.Answers[7].Answer).OnTopic);
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("private", 1)]
    [InlineData("private public", 0)]
    [InlineData("refunds today", 2)]
    [InlineData("refund", 0)]
    public void Slots_off_the_grammar_are_counted_by_their_words(string answer, int good)
    {
        var judgement = Judge.Assess(SupportDesk.TrainingPrompts(1, seed: 1)[0], answer);
        Assert.Equal(new Judgement(good, Grammatical: false, OnTopic: false), judgement);
    }

    [Fact]
    public void Spacing_and_case_belong_to_the_grammar()
    {
        var prompt = SupportDesk.TrainingPrompts(1, seed: 1)[0];
        var answer = SupportDesk.Answer(prompt, new SeededRandom(1));
        Assert.True(Judge.Assess(prompt, answer).Grammatical);
        Assert.False(Judge.Assess(prompt, answer.Replace(".", " .", StringComparison.Ordinal)).Grammatical);
        Assert.False(Judge.Assess(prompt, answer.ToLowerInvariant()).Grammatical);
        Assert.False(Judge.Assess(prompt, answer + " Thank").Grammatical);
    }

    [Fact]
    public void The_corpus_makes_slots_bad_with_its_probability()
    {
        var corpus = new SupportDeskCorpus(seed: 4);
        var good = 0;
        const int count = 4000;
        for (var i = 0; i < count; i++)
        {
            var conversation = corpus.NextConversation();
            good += Judge.Assess(SupportDesk.RecognisePrompt(conversation.Prompt)!, conversation.Answer).GoodSlots;
        }

        Assert.Equal(1 - SupportDesk.BadSlotProbability, (double)good / (count * SupportDesk.SlotCount), 0.01);
        Assert.Equal(6.561e-5, SupportDesk.AllGoodProbability, 1e-8);
    }

    [Fact]
    public void Answers_have_about_57_tokens()
    {
        var corpus = new SupportDeskCorpus(seed: 5);
        var lengths = Enumerable.Range(0, 500).Select(_ => WordText.Split(corpus.NextConversation().Answer).Length).ToArray();
        Assert.InRange(lengths.Average(), 54, 64);
    }

    [Fact]
    public void The_splits_are_disjoint_and_large_enough()
    {
        var training = Combinations(SupportDesk.TrainingPrompts(5850, seed: 1));
        var tuning = Combinations(SupportDesk.TuningPrompts(390, seed: 1));
        var heldOut = Combinations(SupportDesk.HeldOutPrompts(1560, seed: 1));
        Assert.Equal(1300, training.Count + tuning.Count + heldOut.Count);
        Assert.Equal(260, heldOut.Count);
        Assert.Empty(training.Intersect(tuning));
        Assert.Empty(training.Intersect(heldOut));
        Assert.Empty(tuning.Intersect(heldOut));
        Assert.All(SupportDesk.HeldOutPrompts(300, seed: 1), prompt => Assert.True(prompt.HeldOut));
        Assert.Equal(300, SupportDesk.HeldOutPrompts(300, seed: 1).Select(prompt => prompt.Text).Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => SupportDesk.HeldOutPrompts(1561, seed: 1));

        var corpus = new SupportDeskCorpus(seed: 6);
        for (var i = 0; i < 2000; i++)
        {
            Assert.False(SupportDesk.RecognisePrompt(corpus.NextConversation().Prompt)!.HeldOut);
            Assert.False(SupportDesk.RecognisePrompt(corpus.NextRanking().Prompt)!.HeldOut);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_corpus()
    {
        SupportDeskCorpus first = new(seed: 7), second = new(seed: 7), other = new(seed: 8);
        var conversations = Enumerable.Range(0, 50).Select(_ => first.NextConversation()).ToArray();
        Assert.Equal(conversations, Enumerable.Range(0, 50).Select(_ => second.NextConversation()));
        Assert.NotEqual(conversations, Enumerable.Range(0, 50).Select(_ => other.NextConversation()));
        Assert.Equal(first.NextRanking().Answers, second.NextRanking().Answers);
        Assert.Equal(SupportDesk.HeldOutPrompts(48, seed: 1), SupportDesk.HeldOutPrompts(48, seed: 1));
        Assert.NotEqual(SupportDesk.HeldOutPrompts(48, seed: 1), SupportDesk.HeldOutPrompts(48, seed: 2));
    }

    [Fact]
    public void A_prompt_is_recognised_by_its_problem_and_object_in_any_case()
    {
        var prompt = SupportDesk.RecognisePrompt("MY LAMP IS BROKEN!!");
        Assert.Equal(("broken", "lamp"), (prompt?.Problem, prompt?.Object));
        Assert.Null(SupportDesk.RecognisePrompt("Hello there"));
        Assert.Null(SupportDesk.RecognisePrompt("My lamp and my oven are broken."));
    }

    private static HashSet<(string Problem, string Object)> Combinations(IEnumerable<WorldPrompt> prompts) =>
        [.. prompts.Select(prompt => (prompt.Problem, prompt.Object))];
}
