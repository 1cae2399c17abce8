using SeaGrpc.Lab.Worlds;
using SeaGrpc.Lab.Worlds.Corpus;
using SeaGrpc.Lab.Worlds.Tokenization;
using SeaGrpc.Modeling.Tokenization;

namespace SeaGrpc.Lab.Tests.Worlds;

public sealed class SupportDeskTokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("world-tokenizer").FullName;
    private readonly Tokenizer _tokenizer;

    public SupportDeskTokenizerTests()
    {
        SupportDeskTokenizer.Write(_folder, maxPositions: 512);
        _tokenizer = Tokenizer.Load(_folder);
    }

    [Fact]
    public void Every_word_of_the_world_is_one_token()
    {
        Assert.All(WorldVocabulary.Pieces, piece => Assert.Single(_tokenizer.Encode(piece)));
        var corpus = new SupportDeskCorpus(seed: 1);
        for (var i = 0; i < 300; i++)
        {
            var answer = corpus.NextConversation().Answer;
            var ids = _tokenizer.Encode(answer);
            Assert.Equal(WordText.Split(answer).Length, ids.Length);
            Assert.Equal(answer, _tokenizer.Decode(ids));
        }
    }

    [Theory]
    [InlineData("MY Lámpara ist kaputt 🔥\n\tx=1")]
    [InlineData("Please: mylamp, notebooklet.")]
    public void Unknown_text_is_encoded_without_loss(string text) => Assert.Equal(text, _tokenizer.Decode(_tokenizer.Encode(text)));

    [Fact]
    public void The_chat_template_writes_every_role_and_ends_an_answer()
    {
        var template = ChatTemplate.Load(_folder);
        Assert.NotNull(template);
        ChatMessage[] messages = [new("system", "Answer politely."), new("user", "Hi"), new("assistant", "Thank you")];
        Assert.Equal(
            "<|bos|><|system|>Answer politely.<|user|>Hi<|assistant|>Thank you<|eos|>",
            template.Render(messages, addGenerationPrompt: false));
        Assert.Equal("<|bos|><|user|>Hi<|assistant|>", template.Render(messages[1..2], addGenerationPrompt: true));
        var ids = _tokenizer.Encode("<|bos|><|eos|>", parseSpecialTokens: true);
        Assert.Equal([_tokenizer.BosId ?? -1, Assert.Single(_tokenizer.EosIds)], ids);
    }

    // "ab" merges first in "cab", and "c" joins single bytes only.
    [Fact]
    public void Pieces_that_cut_each_other_are_refused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => WordTokenizerBuilder.Build(["ab", "cab"], []));
        Assert.Contains("cut", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
