using SeaGrpc.Testing;

namespace SeaGrpc.Alignment.Tests.Rewards.Texts;

/// <summary>The ids that a reward model of another vocabulary reads.</summary>
public sealed class TextRewardPromptTests
{
    private const string Frame =
        "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{% if message.role == 'assistant' %}ANSWER{% else %}"
            + "{{ message.content }}{% endif %}{% endfor %}";

    public static TheoryData<string> Templates =>
    [
        "the checkpoint's own",
        "",
        Frame.Replace("ANSWER", "{{ message.content }}\n"),
        Frame.Replace("ANSWER", "{{ message.content }}"),
        Frame.Replace("ANSWER", "{{ message.content | trim }}{{ eos_token }}"),
        Frame.Replace("ANSWER", "{{ message.content }}|{{ message.content }}{{ eos_token }}"),
        "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}",
        "{{ messages[-1].content }}",
    ];

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_whole_answer_is_read_as_the_template_writes_its_text(string template)
    {
        using var pair = new TextPair(template == "the checkpoint's own" ? null : template);
        var edits = new RandomEdits(3);
        string[] answers =
        [
            "", " ", "a", " hi\n", "\n\nthe", "<|eos|>", "<|user|> is the <|assistant|>", "\uE000\uE001 x", "你好。",
            .. OtherVocabulary.Texts,
        ];
        int[][] tokens =
        [
            .. answers.Select(answer => pair.Models.Policy.Tokenizer.Encode(answer)),
            .. Enumerable.Range(0, 50).Select(_ => edits.Piece(30)),
        ];
        Assert.All(tokens.Where(own => own.Length > 0), own => Assert.Equal(
            pair.Encoder.EncodeAnswered(TextPair.Conversation, pair.Models.Policy.Tokenizer.Decode(own)),
            pair.RewardPrompt.Read(own, isWhole: true)));
        Assert.All(tokens, own => Assert.NotEmpty(pair.RewardPrompt.Read(own, isWhole: false)));
    }

    [Fact]
    public void An_answer_that_continues_ends_with_its_last_whole_character()
    {
        using var pair = new TextPair();
        int[] cut = [.. pair.Models.Policy.Tokenizer.Encode("你好")[..^1]];
        Assert.Equal("你\uFFFD", pair.RewardPrompt.Text(cut, isWhole: true));
        Assert.Equal("你", pair.RewardPrompt.Text(cut, isWhole: false));
        Assert.Equal(
            [.. pair.Encoder.EncodeAnswered(TextPair.Conversation, "你").SkipLast(1)], pair.RewardPrompt.Read(cut, isWhole: false));
    }

    [Fact]
    public void The_special_tokens_of_the_template_are_the_models_own_and_those_of_texts_are_text()
    {
        using var pair = new TextPair();
        int[] ids = pair.RewardPrompt.Read(pair.Models.Policy.Tokenizer.Encode("<|user|>"), isWhole: true);
        Assert.Equal(TinyCheckpoint.Bos, ids[0]);
        Assert.Equal(TinyCheckpoint.Eos, ids[^1]);
        Assert.Equal(2, ids.Count(id => id == TinyCheckpoint.User));
        Assert.Equal(2, ids.Count(id => id == TinyCheckpoint.Eos));
    }

    [Fact]
    public void Ids_merge_across_the_ends_of_an_answer()
    {
        using var pair = new TextPair("{% for message in messages %}{{ message.content }} {% endfor %}");
        string text = "the answer is";
        int[] longer = Read(text);
        Assert.Contains(Enumerable.Range(1, text.Length - 1), cut => !longer.AsSpan().StartsWith(Read(text[..cut])));

        int[] Read(string answer) => pair.RewardPrompt.Read(pair.Models.Policy.Tokenizer.Encode(answer), isWhole: false);
    }

    [Fact]
    public void The_room_for_an_answer_is_measured_in_the_models_own_tokens()
    {
        using var pair = new TextPair();
        int room = pair.Prompt.Room(512, 512, 512);
        int[] words = pair.Models.Prompts.EncodeResponse(string.Concat(Enumerable.Repeat(" word", 200)));
        Assert.Equal(512 - pair.Prompt.Policy.Count, room);
        Assert.InRange(pair.RewardPrompt.LengthWith(words[..room]), 1, 512);
        Assert.InRange(pair.RewardPrompt.Room(pair.RewardPrompt.Prefix.Count, 512), int.MinValue, 0);
        Assert.True(pair.RewardPrompt.MeasuresAnswers);
        Assert.InRange(pair.RewardPrompt.AnswerIds(100), 100, 200);
    }
}
