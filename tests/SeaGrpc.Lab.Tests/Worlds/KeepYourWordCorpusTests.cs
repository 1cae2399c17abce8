using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.KeepYourWord;

namespace SeaGrpc.Lab.Tests.Worlds;

[Trait("tier", "slow")]
public sealed class KeepYourWordCorpusTests
{
    private readonly KeepYourWordWorld _world = new();

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.30)]
    public void A_policy_meets_requirements_on_purpose_or_by_chance(double strength)
    {
        var corpus = new KeepYourWordCorpus(seed: 1, tuning: true);
        var met = new double[7];
        const int count = 4000;
        for (var i = 0; i < count; i++)
        {
            var conversation = corpus.NextConversation(strength);
            var answer = WordText.Split(conversation.Answer);
            var prompt = About(conversation.Prompt);
            Assert.True(_world.Assess(prompt, conversation.Answer) is { Grammatical: true, OnTopic: true });
            foreach (var (isMet, index) in AnswerReader.Requirements(prompt, answer).Select((isMet, index) => (isMet, index)))
            {
                met[index] += isMet ? 1.0 / count : 0;
            }
        }

        int[] words = [16, 12, 10, 64, 0, 0, 0];
        for (var index = 0; index < met.Length; index++)
        {
            var byChance = words[index] == 0 ? 0 : (1 - strength) / words[index];
            Assert.Equal(strength + byChance, met[index], 0.03);
        }
    }

    [Fact]
    public void Labels_are_the_judges()
    {
        var corpus = new KeepYourWordCorpus(seed: 2);
        int flawless = 0, best = 0;
        for (var i = 0; i < 1000; i++)
        {
            var answer = corpus.NextAnswer();
            var assessment = _world.Assess(answer.About, answer.Text);
            Assert.Equal(assessment.RequirementsMet, answer.Met.Count(isMet => isMet));
            Assert.Equal(assessment is { Grammatical: true, OnTopic: true }, answer.Errors == 0);
            Assert.Equal(answer.Errors == 0, answer.Marks[^1].Holds);
            Assert.Equal(answer.Words.Count, answer.Marks[^1].Word);
            flawless += answer.Errors == 0 ? 1 : 0;
            best += assessment.AllGood ? 1 : 0;
        }

        Assert.InRange(flawless, 550, 750);
        Assert.InRange(best, 50, 250);
    }

    [Fact]
    public void Marks_stand_at_the_words_that_decide()
    {
        var prompt = _world.TuningPrompts(1, seed: 1)[0];
        var words = WordText.Split(KeepYourWordWorld.Answer(prompt, [true, false, true, false, true, false, true], new SeededRandom(1)));
        var decided = AnswerLabels.Marks(prompt, words).Where(mark => mark.Subject < 7).OrderBy(mark => mark.Subject).ToArray();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], decided.Select(mark => mark.Subject));
        Assert.Equal([true, false, true, false, true, false, true], decided.Select(mark => mark.Holds));
        Assert.All(
            decided, mark =>
                Assert.True(AnswerPlan.Places[mark.Word] is AnswerPlace.Kept or AnswerPlace.CustomerName or AnswerPlace.Polar));
    }

    [Fact]
    public void Errors_are_the_least_number_of_edits()
    {
        var prompt = _world.TuningPrompts(1, seed: 1)[0];
        var words = WordText.Split(_world.WorstAnswer(prompt, seed: 1));
        Assert.Equal(0, AnswerErrors.Count(prompt, words));
        Assert.Equal(1, AnswerErrors.Count(prompt, words[1..]));
        Assert.Equal(1, AnswerErrors.Count(prompt, ["lamp", .. words]));
        Assert.Equal(2, AnswerErrors.Count(prompt, ["lamp", "lamp", .. words[2..]]));
        Assert.Equal(words.Length, AnswerErrors.Count(prompt, []));
        Assert.Equal(1, AnswerErrors.Count(prompt, [.. words.Select(word => word == prompt.Object ? prompt.Problem : word)]));
    }

    [Fact]
    public void A_toggle_changes_one_word_and_one_requirement()
    {
        var corpus = new KeepYourWordCorpus(seed: 3);
        var early = 0;
        for (var i = 0; i < 700; i++)
        {
            var (better, worse) = corpus.NextToggle(i % 7, others: 0.5);
            var changed = Assert.Single(Enumerable.Range(0, better.Words.Count), at => better.Words[at] != worse.Words[at]);
            early += AnswerPlan.Places[changed] is AnswerPlace.Promised ? 1 : 0;
            Assert.Equal(i % 7, Assert.Single(Enumerable.Range(0, 7), index => better.Met[index] != worse.Met[index]));
            Assert.Equal((0, 0), (better.Errors, worse.Errors));
            Assert.Equal(1, better.Quality - worse.Quality);
        }

        Assert.InRange(early, 100, 200);
        Assert.True(corpus.NextToggle(0, others: 1).Better.Met.All(isMet => isMet));
    }

    [Fact]
    public void Damage_and_another_topic_cost_quality()
    {
        var corpus = new KeepYourWordCorpus(seed: 4);
        for (var i = 0; i < 300; i++)
        {
            var damaged = corpus.NextDamaged(met: 0.5, edits: 3);
            Assert.InRange(damaged.Worse.Errors, 1, 70);
            Assert.False(_world.Assess(damaged.Worse.About, damaged.Worse.Text) is { Grammatical: true, OnTopic: true });
            var off = corpus.NextOffTopic(met: 0.5);
            Assert.False(_world.Assess(off.Worse.About, off.Worse.Text).OnTopic);
            Assert.True(off.Better.Quality - off.Worse.Quality >= 4);
        }

        var best = corpus.NextToggle(0, others: 1).Better;
        var foreign = KeepYourWordCorpus.WithForeignWord(best, 5);
        Assert.Equal((7, 1, 3), (foreign.Met.Count(isMet => isMet), foreign.Errors, foreign.Quality));
    }

    [Fact]
    public void The_corpus_draws_from_its_split_and_follows_from_its_seed()
    {
        KeepYourWordCorpus training = new(seed: 5), again = new(seed: 5), other = new(seed: 6), tuning = new(seed: 5, tuning: true);
        for (var i = 0; i < 300; i++)
        {
            Assert.Contains(Combination(training.NextAnswer()), WordPromptSplit.Training);
            Assert.Contains(Combination(tuning.NextAnswer()), WordPromptSplit.Tuning);
            again.NextAnswer();
        }

        var answer = training.NextAnswer();
        Assert.Equal(answer.Words, again.NextAnswer().Words);
        Assert.NotEqual(answer.Words, other.NextAnswer().Words);
    }

    private static WordPromptSplit.Combination Combination(LabelledAnswer answer) =>
        new(answer.About.Customer!, answer.About.Object, answer.About.Problem);

    private static WorldPrompt About(string prompt)
    {
        string[] words = WordText.Split(prompt);
        return new WorldPrompt(prompt, words.First(Lexicon.Problems.Contains), words.First(Lexicon.Objects.Contains), HeldOut: false)
        {
            Customer = words.First(WordLexicon.Customers.Contains),
        };
    }
}
