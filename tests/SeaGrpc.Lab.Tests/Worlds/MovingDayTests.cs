using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.MovingDay;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Tests.Worlds;

public sealed class MovingDayTests
{
    private readonly MovingDayWorld _world = new();

    public static TheoryData<string> Errors => [.. new MovingDayWorld().DraftErrors];

    [Fact]
    public void A_right_answer_is_all_good_and_of_any_length()
    {
        var lengths = new HashSet<int>();
        foreach (var prompt in _world.TuningPrompts(200, seed: 1))
        {
            var answer = MovingDayWorld.RightAnswer(prompt, seed: 1);
            Assert.Equal(new Assessment(6, 6, Grammatical: true, OnTopic: true), _world.Assess(prompt, answer));
            Assert.True(_world.Assess(prompt, " " + answer).AllGood);
            Assert.InRange(WordText.Split(answer).Length, 20, 50);
            Assert.InRange(answer.Count(mark => mark == '.'), 2, 6);
            lengths.Add(WordText.Split(answer).Length);
        }

        Assert.Equal(8, lengths.Count);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Any_one_error_is_seen(string error)
    {
        foreach (var (index, prompt) in _world.TuningPrompts(100, seed: 2).Index())
        {
            var draft = _world.DamagedAnswer(prompt, error, index);
            Assert.False(_world.Assess(prompt, draft).AllGood, draft);
            Assert.NotEqual((0, 0), MovingReader.Errors(MovingSlip.Of(prompt.Text), WordText.Split(draft)));
            Assert.Equal(draft, _world.DamagedAnswer(prompt, error, index));
            Assert.InRange(WordText.Split(draft).Length, 6, _world.MaxResponseTokens - 8);
        }
    }

    [Theory]
    [InlineData(nameof(MovingError.SentenceDropped))]
    [InlineData(nameof(MovingError.SentenceDoubled))]
    [InlineData(nameof(MovingError.SentenceSwapped))]
    [InlineData(nameof(MovingError.SentenceInserted))]
    [InlineData(nameof(MovingError.FactChanged))]
    public void Wrong_sentences_are_well_formed_ones(string error)
    {
        foreach (var (index, prompt) in _world.TuningPrompts(50, seed: 3).Index())
        {
            var (words, facts) = MovingReader.Errors(
                MovingSlip.Of(prompt.Text), WordText.Split(_world.DamagedAnswer(prompt, error, index)));
            Assert.Equal(0, words);
            Assert.InRange(facts, 1, error is nameof(MovingError.SentenceInserted) or nameof(MovingError.FactChanged) ? 1 : 6);
        }
    }

    [Fact]
    public void An_error_that_would_change_nothing_is_not_possible()
    {
        string[] sentence = ["Everything", "costs", "you", "only", "forty", "."];
        Assert.True(MovingDamage.IsPossible([sentence, ["Hello"]], MovingError.SentenceSwapped));
        Assert.False(MovingDamage.IsPossible([sentence, sentence], MovingError.SentenceSwapped));
        Assert.False(MovingDamage.IsPossible([sentence], MovingError.SentenceSwapped));
        Assert.False(MovingDamage.IsPossible([sentence], MovingError.SentenceDropped));
        Assert.True(MovingDamage.IsPossible([sentence], MovingError.WordSwapped));
        Assert.False(MovingDamage.IsPossible([["Hello", "Hello"]], MovingError.WordSwapped));
        Assert.False(MovingDamage.IsPossible([["Hello"]], MovingError.WordDropped));
        Assert.False(MovingDamage.IsPossible([["Hello"]], MovingError.FactChanged));
        Assert.True(MovingDamage.IsPossible([["Hello"]], MovingError.WordInserted));
    }

    [Fact]
    public void Equal_sentences_change_places_with_others_only()
    {
        string[] first = ["Hello", "."];
        string[] second = ["All", "."];
        for (var seed = 0; seed < 50; seed++)
        {
            var words = MovingDamage.Of(
                new MovingSlip([]), [first, first, second], MovingError.SentenceSwapped, new SeededRandom((ulong)seed));
            Assert.Equal([.. first, .. second, .. first], words);
        }
    }

    [Fact]
    public void An_error_that_is_hard_to_see_is_one()
    {
        var random = new SeededRandom(9);
        foreach (var prompt in _world.TuningPrompts(200, seed: 9))
        {
            var slip = MovingSlip.Of(prompt.Text);
            var draft = MovingDamage.Subtle(slip, MovingWriter.Write(slip.Facts, random), random);
            var (words, facts) = MovingReader.Errors(slip, draft);
            Assert.Equal(0, words);
            Assert.InRange(facts, 1, 6);
            Assert.False(_world.Assess(prompt, WordText.Join(draft)).AllGood);
        }
    }

    [Fact]
    public void The_judge_finds_the_wrong_fact()
    {
        var prompt = _world.TuningPrompts(200, seed: 4).First(prompt => MovingSlip.Of(prompt.Text).Facts.Count == 7);
        var slip = MovingSlip.Of(prompt.Text);
        var answer = MovingDayWorld.RightAnswer(prompt, seed: 1);
        foreach (var fact in slip.Facts)
        {
            var kind = MovingPlan.FactOf(fact)!.Value;
            var other = MovingWriter.Other(slip, kind, new SeededRandom(1));
            var changed = WordText.Split(answer).Select(word => word == fact ? other : word).ToArray();
            Assert.Equal(new Assessment(5, 6, Grammatical: true, OnTopic: true), _world.Assess(prompt, WordText.Join(changed)));
            Assert.False(MovingReader.Requirements(slip, changed)[(int)kind]);
        }

        Assert.False(_world.Assess(prompt, answer.Replace("porters", "lions", StringComparison.Ordinal)
            .Replace("workers", "lions", StringComparison.Ordinal).Replace("helpers", "lions", StringComparison.Ordinal)).OnTopic);
        string spaced = answer.Replace(" ,", "  ,", StringComparison.Ordinal).Replace(", ", ",  ", StringComparison.Ordinal);
        Assert.False(_world.Assess(prompt, spaced).Grammatical);
    }

    [Fact]
    public void No_error_between_neighbours_means_all_good()
    {
        var corpus = new MovingDayCorpus(seed: 5, tuning: true);
        int right = 0;
        for (var i = 0; i < 2000; i++)
        {
            var answer = corpus.NextAnswer();
            var prompt = new WorldPrompt(answer.Conversation.Prompt, string.Empty, string.Empty, HeldOut: true);
            var isRight = answer is { WordErrors: 0, FactErrors: 0 };
            Assert.Equal(isRight, _world.Assess(prompt, answer.Conversation.Answer).AllGood);
            Assert.Equal(answer.WordErrors, answer.Marks.Count(mark => mark is { Subject: MovingAnswer.WordSubject, Holds: false }));
            Assert.Equal(answer.FactErrors == 0, answer.Marks.All(mark => mark.Subject != MovingAnswer.FactSubject || mark.Holds));
            right += isRight ? 1 : 0;
        }

        Assert.InRange(right, 600, 800);
    }

    [Fact]
    public void Every_word_has_one_place_and_one_kind()
    {
        var words = MovingPlan.Sentences.SelectMany(places => places.Take(places.Count - 1)).SelectMany(place => place.Words).ToArray();
        Assert.Equal(words.Length, words.Distinct().Count());
        Assert.All(
            MovingLexicon.Templates.SelectMany(template => WordText.Split(template)), word => Assert.Null(MovingPlan.FactOf(word)));
    }

    [Fact]
    public void A_slip_is_read_from_its_request_as_people_type_it()
    {
        var random = new SeededRandom(6);
        for (var i = 0; i < 200; i++)
        {
            var slip = MovingSplit.Slip(random.Pick(MovingSplit.Training), random);
            var request = PromptTyping.Vary(slip.Request(random.Pick(MovingLexicon.Templates)), random);
            Assert.Equal(slip.Facts, MovingSlip.Of(request).Facts);
            Assert.Equal(slip.Facts.Count, slip.Facts.Distinct().Count());
        }
    }

    [Fact]
    public void A_policy_names_facts_on_purpose_or_by_chance()
    {
        var corpus = new MovingDayCorpus(seed: 7);
        var right = 0;
        for (var i = 0; i < 2000; i++)
        {
            var conversation = corpus.NextConversation(strength: 0.7);
            right += WordText.Split(conversation.Answer).Contains(MovingSlip.Of(conversation.Prompt).Facts[0]) ? 1 : 0;
        }

        Assert.InRange(right, 1300, 1500);
        var flawless = corpus.NextConversation(strength: 1);
        Assert.True(_world.Assess(
            new WorldPrompt(flawless.Prompt, string.Empty, string.Empty, HeldOut: false), flawless.Answer).AllGood);
    }

    [Fact]
    public void Every_word_is_one_token_wherever_it_stands()
    {
        var folder = Directory.CreateTempSubdirectory("moving-tokenizer").FullName;
        try
        {
            MovingDayTokenizer.Write(folder, maxPositions: 512);
            var tokenizer = Tokenizer.Load(folder);
            foreach (var (index, prompt) in _world.TuningPrompts(50, seed: 8).Index())
            {
                var answer = MovingDayWorld.RightAnswer(prompt, index);
                var ids = tokenizer.Encode(answer);
                Assert.Equal(WordText.Split(answer).Length, ids.Length);
                Assert.Equal(answer, tokenizer.Decode(ids).Trim());
                var swapped = _world.DamagedAnswer(prompt, nameof(MovingError.SentenceSwapped), index);
                Assert.Equal(tokenizer.Encode(swapped).Distinct().Order(), tokenizer.Encode(swapped + " " + swapped).Distinct().Order());
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
